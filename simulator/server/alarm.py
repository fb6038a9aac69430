"""Rings at a time of the world's clock, so that what rests until then goes on."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from simulator.adapters.sleeper import Sleeper
from simulator.base.clock import Clock
from simulator.server.behind import Behind

ANSWER_S = 0.2
"""Real time that an alarm gives a subscriber to answer before a clock that is advanced goes on."""

TURNS = 50
"""Turns of the loop that it gives an inbox: an attempt and its row take 20."""


class Alarm:
    """Set to one time or to none. It lasts until what is due then was tried (`quiet`), so that a
    clock that is advanced waits for it (SBX-03)."""

    def __init__(
        self,
        clock: Clock,
        sleep: Sleeper,
        behind: Behind,
        ring: Callable[[], None],
        quiet: asyncio.Event,
        *,
        outside: bool,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._behind = behind
        self._ring = ring
        self._quiet = quiet
        self._outside = outside
        self._set_to: tuple[int, asyncio.Task[None]] | None = None

    def set(self, at_ns: int | None) -> None:
        """Ring then, and at no other time; None for never."""
        if self._set_to is not None and (self._set_to[0] != at_ns or self._set_to[1].done()):
            self._set_to[1].cancel()
            self._set_to = None
        if at_ns is not None and self._set_to is None:
            self._set_to = at_ns, self._behind.go(self._wait(at_ns))

    async def _wait(self, at_ns: int) -> None:
        await self._sleep(at_ns - self._clock.now_ns())
        self._set_to = None
        self._ring()
        if self._outside:
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await self._quiet.wait()
            return
        for _ in range(TURNS):
            if self._quiet.is_set():
                return
            await asyncio.sleep(0)
