"""Calls that are held, and how they are let go when their world or their server ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from simulator.base.log import Log

log = Log("chaos")


class Waits:
    """Everything of one world that waits on purpose."""

    def __init__(self, sleep: Callable[[int], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._held: set[asyncio.Timeout] = set()
        self._behind: set[asyncio.Task[None]] = set()
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
        task = asyncio.ensure_future(work)
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)
        task.add_done_callback(_look)

    def let_go(self) -> None:
        """Nobody waits any more, now or later: the world or the server ends."""
        self._ended = True
        for scope in tuple(self._held):
            self._end(scope)

    async def close(self) -> None:
        """Let all go, and stop what goes on behind."""
        self.let_go()
        behind = tuple(self._behind)
        for task in behind:
            task.cancel()
        await asyncio.gather(*behind, return_exceptions=True)


def _look(task: asyncio.Task[None]) -> None:
    """What goes on behind ends unseen, so a failure of it is told here."""
    if not task.cancelled() and (failed := task.exception()) is not None:
        log.info("a call behind its caller's back failed", error=repr(failed))
