"""Calls that are held, and how they are let go when their world or their server ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from simulator.adapters.behind import Behind
from simulator.base.log import Log

log = Log("chaos")


class Waits:
    """Everything of one world that waits on purpose."""

    def __init__(self, sleep: Callable[[int], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._held: set[asyncio.Timeout] = set()
        self._behind = Behind(log.info)  # a call that nobody waits for may well be refused
        self._ended = False

    @property
    def ended(self) -> bool:
        """True once nobody waits any more: the world or the server ends."""
        return self._ended

    async def wait_ns(self, pause_ns: int, until: asyncio.Future[None] | None = None) -> None:
        """Wait so long, or until something else has happened, or until all are let go.

        The caller's own task sleeps, so that an advance of the clock waits for what it does next.
        """
        if pause_ns <= 0 or self._ended or (until is not None and until.done()):
            return
        scope = asyncio.timeout(None)
        end = partial(self._end, scope)
        try:
            async with scope:
                self._held.add(scope)
                if until is not None:
                    until.add_done_callback(end)
                await self._sleep(pause_ns)
        except TimeoutError:
            return
        finally:
            self._held.discard(scope)
            if until is not None:
                until.remove_done_callback(end)

    def _end(self, scope: asyncio.Timeout, _: object = None) -> None:
        if scope in self._held:
            self._held.discard(scope)
            scope.reschedule(asyncio.get_running_loop().time())

    def behind(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with something behind a caller's back."""
        self._behind.go(work)

    def let_go(self) -> None:
        """Nobody waits any more, now or later: the world or the server ends."""
        self._ended = True
        for scope in tuple(self._held):
            self._end(scope)

    async def close(self) -> None:
        """Let all go, and stop what goes on behind."""
        self.let_go()
        await self._behind.close()
