"""What waits for a world's time to pass: retries, held calls, whatever sleeps there (SBX-03).

One list by due time, the same for every clock. On a clock that runs a sleeper wakes by itself; on
one that stands still it wakes when the clock is advanced beyond its time, or, unless the world is
played in virtual time, when as much real time has passed: a test that looks on from outside has no
hand at the clock.
"""

import asyncio
import contextlib
import heapq
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from fractions import Fraction
from weakref import WeakSet

from simulator.base.clock import NS_PER_S, WorldClock

_TURNS = 200
"""Turns of the loop that something woken gets to come to its next wait: a whole round between three
parties takes 60."""

_REAL_S = 0.2
"""Real time that it gets where it has to wait for a disk or a socket."""


class Errand:
    """Something that goes on by itself, with all that it asks of others: whoever sleeps anywhere in
    it sleeps for it."""


ERRAND: ContextVar[Errand | None] = ContextVar("errand", default=None)
"""What the running task is part of; None for what somebody waits for."""


class _Sleeper:
    __slots__ = ("due_ns", "errand", "number", "task", "timer", "woken")

    def __init__(self, due_ns: int, number: int) -> None:
        self.due_ns = due_ns
        self.number = number
        self.task = asyncio.current_task()
        self.errand = ERRAND.get()
        self.woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.timer: asyncio.TimerHandle | None = None

    def __lt__(self, other: "_Sleeper") -> bool:
        return (self.due_ns, self.number) < (other.due_ns, other.number)

    def wake(self) -> None:
        """Go on."""
        if not self.woken.done():
            self.woken.set_result(None)


class Timers:
    """The sleepers of one world. `virtual` says that only its clock wakes them, never real time."""

    def __init__(self, clock: Callable[[], WorldClock], *, virtual: bool) -> None:
        self._clock = clock
        self._virtual = virtual
        self._asleep: list[_Sleeper] = []
        self._slept = 0
        self._slow: WeakSet[Errand] = WeakSet()

    async def sleep(self, pause_ns: int, /) -> None:
        """Wait until the world's clock has gone on by so much: the world's `Sleeper`."""
        if pause_ns <= 0:
            await asyncio.sleep(0)
            return
        self._slept += 1
        sleeper = _Sleeper(self._clock().now_ns() + pause_ns, self._slept)
        heapq.heappush(self._asleep, sleeper)
        self._arm(sleeper)
        try:
            await sleeper.woken
        finally:
            if sleeper.timer is not None:
                sleeper.timer.cancel()
            with contextlib.suppress(ValueError):
                self._asleep.remove(sleeper)
                heapq.heapify(self._asleep)

    @property
    def next_ns(self) -> int | None:
        """When the first sleeper is due; None where nobody sleeps."""
        return self._asleep[0].due_ns if self._asleep else None

    def clock_changed(self) -> None:
        """The clock runs otherwise from now on: reckon anew when each sleeper wakes."""
        for sleeper in self._asleep:
            if sleeper.timer is not None:
                sleeper.timer.cancel()
                sleeper.timer = None
            self._arm(sleeper)

    async def wake_due(self) -> int:
        """Wake what is due by now, the earliest first, each when the one before it has come to its
        next wait or its end. How many there were."""
        count = 0
        now_ns = self._clock().now_ns()
        while self._asleep and self._asleep[0].due_ns <= now_ns:
            sleeper = heapq.heappop(self._asleep)
            sleeper.wake()
            count += 1
            await self._settle(sleeper.task)
        return count

    async def at_rest(self, errands: Callable[[], Iterable[Errand]]) -> None:
        """Wait until each errand has ended or sleeps, before the clock is moved: what has begun at
        one time is not done at another (SBX-02). One that takes long, as a target's answer may, is
        not waited for again; in virtual time whoever drives lets them come to rest."""
        if self._virtual:
            return
        loop = asyncio.get_running_loop()
        until, turns = loop.time() + _REAL_S, 0
        while moving := self._moving(errands()):
            if turns >= _TURNS and loop.time() >= until:
                self._slow.update(moving)
                return
            await asyncio.sleep(0 if turns < _TURNS else 0.001)
            turns += 1

    def _moving(self, errands: Iterable[Errand]) -> set[Errand]:
        asleep = {one.errand for one in self._asleep if not one.woken.done()}
        return {one for one in errands if one not in asleep and one not in self._slow}

    def _arm(self, sleeper: _Sleeper) -> None:
        """Set the alarm in real time, where there is one."""
        rate = self._clock().rate
        if rate == 0:
            if self._virtual:
                return
            rate = Fraction(1)
        left_ns = max(0, sleeper.due_ns - self._clock().now_ns())
        real_s = int(left_ns / rate) / NS_PER_S
        sleeper.timer = asyncio.get_running_loop().call_later(real_s, sleeper.wake)

    async def _settle(self, task: "asyncio.Task[object] | None") -> None:
        """Wait until a woken task has ended or sleeps again. One that waits for somebody else who
        sleeps is not waited for, nor one that takes long."""
        if await self._within_turns(task):
            return
        slept = self._slept
        loop = asyncio.get_running_loop()
        until = loop.time() + _REAL_S
        while self._slept == slept and loop.time() < until:
            await asyncio.sleep(0.001)
            if await self._within_turns(task):
                return

    async def _within_turns(self, task: "asyncio.Task[object] | None") -> bool:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
            if task is None or task.done() or any(s.task is task for s in self._asleep):
                return True
        return False
