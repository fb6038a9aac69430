"""The keys of a platform that is not ours: its JWKS, so that our studio reads its players' tokens
(RGS-02, RFC 7517)."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from simulator.adapters.http import HttpTransport
from simulator.adapters.transport import TransportError
from simulator.base.clock import NS_PER_S, stopwatch_ns
from simulator.base.errors import ConfigError
from simulator.base.log import Log
from simulator.server.platform_keys import PlatformKey, read
from simulator.wire import json
from simulator.wire.calls import Call

PATH = "/.well-known/jwks.json"

AGAIN_NS = 5 * NS_PER_S
"""Real time between two looks: a forged token must not make us a nuisance."""

log = Log("jwks")


class Jwks:
    """The keys at one platform's URL, fetched at the start and again when a token names another."""

    def __init__(self, base_url: str, timer: Callable[[], int] = stopwatch_ns) -> None:
        self._way = HttpTransport(base_url)
        self._timer = timer
        self._keys: dict[str, PlatformKey] = {}
        self._looked_ns: int | None = None
        self._looking: asyncio.Task[None] | None = None

    def find(self, kid: str) -> PlatformKey | None:
        """The key of this name. One that is unknown is looked for, for the next time."""
        key = self._keys.get(kid)
        if key is None:
            self.look()
        return key

    def look(self) -> None:
        """Fetch them behind everybody's back, unless that was done just now."""
        now_ns = self._timer()
        if self._looked_ns is not None and now_ns - self._looked_ns < AGAIN_NS:
            return
        self._looked_ns = now_ns
        self._looking = asyncio.ensure_future(self.fetch())

    async def fetch(self) -> None:
        """Take what is there now; where nobody answers, what was known stays."""
        try:
            reply = await self._way.send(
                Call(method="GET", target=f"{self._way.prefix}{PATH}", to="wallet")
            )
            found = json.decode(reply.body)["keys"] if reply.status == 200 else []
            keys = {str(one["kid"]): one for one in found}
        except (TransportError, json.NotJson, TypeError, KeyError) as wrong:
            log.info("no keys of the platform", error=str(wrong))
            return
        self._looked_ns = self._timer()
        self._keys = {
            kid: key for kid, one in keys.items() for key in _understood(one)
        } or self._keys

    async def close(self) -> None:
        """Let go of connections."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
        await self._way.close()


def _understood(one: Any) -> Sequence[PlatformKey]:
    """A key of a set, if it is of a kind that we read; platforms publish others beside."""
    try:
        return read(json.encode({"keys": [one]}).decode())
    except ConfigError:
        return ()
