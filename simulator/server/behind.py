"""What goes on behind everybody's back, until it is done or told to stop."""

import asyncio
from collections.abc import Collection, Coroutine
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from simulator.adapters.timers import ERRAND, Errand
from simulator.base.log import Log

log = Log("behind")


class Behind:
    """Tasks that nobody waits for. A failure of one is told in the log, as nobody else sees it."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[None], Errand] = {}

    def go(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Begin one more."""
        errand, context = Errand(), copy_context()
        context.run(ERRAND.set, errand)
        task = asyncio.get_running_loop().create_task(work, context=context)
        self._tasks[task] = errand
        task.add_done_callback(self._ended)
        task.add_done_callback(_look_at)
        return task

    @property
    def errands(self) -> Collection[Errand]:
        """What goes on."""
        return self._tasks.values()

    async def close(self) -> None:
        """Stop them all."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.pop(task, None)


def _look_at(task: "asyncio.Task[None]") -> None:
    with suppress(asyncio.CancelledError):
        if (failed := task.exception()) is not None:
            log.error("what went on behind has stopped", error=repr(failed))
