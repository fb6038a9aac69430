"""What goes on behind everybody's back, until it is done or told to stop."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from simulator.base.log import Log

log = Log("behind")


class Behind:
    """Tasks that nobody waits for. A failure of one is told in the log, as nobody else sees it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def go(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Begin one more."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_look_at)
        return task

    async def close(self) -> None:
        """Stop them all."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _look_at(task: "asyncio.Task[None]") -> None:
    with suppress(asyncio.CancelledError):
        if (failed := task.exception()) is not None:
            log.error("what went on behind has stopped", error=repr(failed))
