"""Reconciliation by itself, each time that so much of the world's time has passed (JP-52).

It is of this process: a restart, a restore or a fork begins without one.
"""

import asyncio
from collections.abc import Awaitable, Callable

from simulator.adapters.sleeper import Sleeper
from simulator.base.clock import NS_PER_S, iso
from simulator.base.errors import Problem
from simulator.base.log import Log
from simulator.wire.control import Reconciled, ReconcileSchedule, Reconciliation

log = Log("reconcile")


class Schedule:
    """Asks `check` again and again; what is broken is logged, and the last answer kept."""

    def __init__(
        self,
        check: Callable[[], Awaitable[Reconciliation]],
        sleep: Sleeper,
        now_ns: Callable[[], int],
    ) -> None:
        self._check = check
        self._sleep = sleep
        self._now_ns = now_ns
        self._every_s = 0
        self._next_ns = 0
        self._last: Reconciled | None = None
        self._task: asyncio.Task[None] | None = None

    def set(self, every_s: int) -> None:
        """From now on each `every_s` seconds of the world's clock; 0 ends it."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._every_s = every_s
        if every_s:
            self._next_ns = self._now_ns() + every_s * NS_PER_S
            self._task = asyncio.ensure_future(self._run())

    @property
    def state(self) -> ReconcileSchedule:
        """How often, when next, and what was found last."""
        return ReconcileSchedule(
            every_s=self._every_s,
            next_at=iso(self._next_ns) if self._every_s else None,
            last=self._last,
        )

    async def close(self) -> None:
        """End it."""
        task = self._task
        self.set(0)
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._sleep(max(0, self._next_ns - self._now_ns()))
            at_ns = self._now_ns()
            # What a clock has jumped over is not made up for.
            self._next_ns = max(self._next_ns, at_ns) + self._every_s * NS_PER_S
            try:
                found = await self._check()
            except Problem as trouble:
                log.warning("not reconciled", reason=trouble.message)
                continue
            except Exception as bug:  # of one look: the next one may find out more
                log.exception("reconciliation failed", error=repr(bug))
                continue
            for broken in found.breaks:
                log.error("broken", party=broken.party, law=broken.law, where=broken.where)
            self._last = Reconciled(
                at=iso(at_ns),
                sound=found.sound,
                breaks=len(found.breaks),
                unmatched=found.checked.get("across.unmatched", 0),
            )
