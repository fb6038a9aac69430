"""On a clock that runs, what must not wait for anybody happens by itself (SBX-03, JP-31)."""

import asyncio
from collections.abc import Awaitable, Callable

from simulator.base.errors import Problem
from simulator.base.log import Log

LOOK_S = 1.0
"""Real time between two looks: so late a draw may be."""

log = Log("due")


class Watch:
    """Looks again and again while the clock runs; a clock that stands still is nobody's business
    but of whoever advances it."""

    def __init__(self, fire: Callable[[], Awaitable[object]], runs: Callable[[], bool]) -> None:
        self._fire = fire
        self._runs = runs
        self._task: asyncio.Task[None] | None = None

    def settle(self) -> None:
        """Begin or end, as the clock says by now."""
        if self._runs() and self._task is None:
            self._task = asyncio.ensure_future(self._look())
        elif not self._runs() and self._task is not None:
            self._task.cancel()
            self._task = None

    async def close(self) -> None:
        """End."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._fire()
            except Problem as trouble:
                log.info("looked in vain", reason=trouble.message)
            except Exception as bug:
                log.exception("what is due failed", error=repr(bug))
