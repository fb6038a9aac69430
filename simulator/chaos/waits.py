"""Calls that are held, and how they are let go when their world or their server ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger("chaos")


class Waits:
    """Everything of one world that waits on purpose."""

    def __init__(self, sleep: Callable[[int], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._held: set[asyncio.Future[None]] = set()
        self._behind: set[asyncio.Task[None]] = set()
        self._ended = False

    async def wait_ns(self, pause_ns: int, until: asyncio.Future[None] | None = None) -> None:
        """Wait so long, or until something else has happened, or until all are let go."""
        if pause_ns <= 0 or self._ended:
            return
        released = asyncio.get_running_loop().create_future()
        self._held.add(released)
        sleeping = asyncio.ensure_future(self._sleep(pause_ns))
        ends = {sleeping, released} | ({until} if until is not None else set())
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._held.discard(released)
            released.cancel()
            sleeping.cancel()

    def behind(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with something behind a caller's back."""
        task = asyncio.ensure_future(work)
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)
        task.add_done_callback(_look)

    def let_go(self) -> None:
        """Nobody waits any more, now or later: the world or the server ends."""
        self._ended = True
        for released in tuple(self._held):
            if not released.done():
                released.set_result(None)

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
