"""Two servers in one process that share a PostgreSQL database, behind the one harness: each call
goes to the next of them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from simulator.parties import PARTIES
from simulator.world import load_contracts
from tests.support import Got, Sandbox, sandbox

ALONE: dict[str, Any] = {"kinds": PARTIES[:1], "contracts": load_contracts(PARTIES[:1])}
"""A world of the wallet alone: a quarter of the tables to make."""


class Pair(Sandbox):
    """Calls one server, then the other."""

    def __init__(self, one: Sandbox, other: Sandbox) -> None:
        super().__init__(one.app, one.worlds)
        self.boxes = one, other
        self.turn = 0

    async def raw(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Got:
        """Send exactly these bytes, to whoever's turn it is; what sets the clock goes to both,
        because each server has one."""
        if path.startswith("/__admin/clock") and method != "GET":
            for box in self.boxes:
                got = await box.raw(method, path, body, headers)
            return got
        self.turn += 1
        return await self.boxes[self.turn % 2].raw(method, path, body, headers)


@asynccontextmanager
async def paired(url: str, **settings: Any) -> AsyncIterator[Pair]:
    """Two servers on one database, which may be new."""
    async with sandbox(store=url, **settings) as one, sandbox(store=url, **settings) as other:
        yield Pair(one, other)
