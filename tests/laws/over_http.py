"""The harness of `tests/support.py` in front of a real server: the same calls through sockets."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import aiohttp

from simulator.server.app import App
from simulator.world import Worlds
from tests import processes
from tests.support import Got, Sandbox

CONNECTIONS = 64
"""Sockets at once; calls beyond them wait for one that is free."""


class OverHttp(Sandbox):
    """A sandbox behind real sockets. There is no application in this process to look into."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        super().__init__(cast(App, None), cast(Worlds, None))
        self.http = http

    async def raw(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Got:
        """Send exactly these bytes."""
        async with self.http.request(method, path, data=body or None, headers=headers) as answer:
            found = {name.lower(): value for name, value in answer.headers.items()}
            return Got(answer.status, found, await answer.read())


@asynccontextmanager
async def served(data: Path, command: Sequence[str] | None = None) -> AsyncIterator[Sandbox]:
    """A server process that keeps its world in a folder, and connections that are open already."""
    with processes.running("--strict", "--data", str(data), command=command) as server:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(server.url, connector=connector) as http:
            box = OverHttp(http)
            await asyncio.gather(*(box.admin("GET", "/health") for _ in range(CONNECTIONS)))
            yield box
