"""Processes that play scenarios for a run, each in virtual time, each in worlds of its own.

A process knows the whole order and is told which piece of it is next. One that ends in the middle
of a piece (killed, out of memory, our own error) is replaced, and whoever waits is told which piece
it had. They end with the run: with the pipe to it, or by their pid when it is interrupted.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from simulator.cli.logs import configure_logs
from simulator.cli.sandboxes import Sandboxes
from simulator.reports.runs import happenings as h
from simulator.scenarios.at_once import Done, Gone
from simulator.scenarios.campaign import Order, Work, perform
from simulator.scenarios.virtual import Stuck, VirtualLoop
from simulator.server.run import collect_less
from simulator.world import load_contracts

MakeHost = Callable[[], Sandboxes]
"""A function that a new process can import by its name."""

_SPAWN = get_context("spawn")
"""A fork would share what may not be shared: SQLite's memory, a loop."""


def in_memory() -> Sandboxes:
    """Sandboxes whose parties are all ours."""
    return Sandboxes(load_contracts())


@dataclass(slots=True)
class _Member:
    """One process, our end of its pipe, and what it is doing."""

    process: SpawnProcess
    pipe: Connection
    work: Work | None = None


class Crew:
    """At most so many processes (`scenarios.at_once.Crew`), each begun when it is needed."""

    def __init__(self, order: Order, size: int, make_host: MakeHost = in_memory) -> None:
        self.size = size
        self._order = order
        self._make_host = make_host
        self._members: list[_Member] = []

    @property
    def idle(self) -> bool:
        """Whether one of them has nothing to do."""
        return len(self._members) < self.size or any(one.work is None for one in self._members)

    def give(self, work: Work) -> None:
        """Let one that is idle do a piece of work."""
        member = next((one for one in self._members if one.work is None), None) or self._begin()
        member.work = work
        with contextlib.suppress(OSError):  # one that is gone is found by whoever waits
            member.pipe.send(work)

    def wait(self) -> Done | Gone:
        """The next that is done, of whichever."""
        busy = {one.pipe: one for one in self._members if one.work is not None}
        ready = wait(list(busy))[0]
        member = next(one for pipe, one in busy.items() if pipe is ready)
        try:
            done: Done | Gone = member.pipe.recv()
        except (EOFError, OSError):
            done = _gone(member)
        if isinstance(done, Gone):
            self._members.remove(member)
            _end(member)
        else:
            member.work = None
        return done

    def close(self) -> None:
        """End them all, whatever they do."""
        while self._members:
            _end(self._members.pop())

    def _begin(self) -> _Member:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(
            target=_play, args=(theirs, self._order, self._make_host), daemon=True
        )
        with _without_interrupts():
            process.start()
        theirs.close()
        self._members.append(_Member(process, ours))
        return self._members[-1]


def _gone(member: _Member) -> Gone:
    if member.work is None:
        raise TypeError("nobody waits for a process that has nothing to do")
    member.process.join()
    code = member.process.exitcode or 0
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    return Gone(member.work, f"the process that played it ended {how}")


def _end(member: _Member) -> None:
    member.pipe.close()
    member.process.kill()
    member.process.join()
    member.process.close()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal. One that is begun here never hears of it: it is
    for the run, which ends them."""
    resource_tracker.ensure_running()  # begun with the first of them, it would let them hear again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In such a process --------------------------------------------------------------------------------


def _play(pipe: Connection, order: Order, make_host: MakeHost) -> None:
    """Do what is asked until nobody asks any more."""
    configure_logs("critical")
    host = make_host()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        collect_less()
        with contextlib.suppress(EOFError, BrokenPipeError):
            while True:
                work = pipe.recv()
                told: list[h.Happening] = []
                try:
                    came = runner.run(perform(order, work, host, told.append))
                except Stuck as stuck:  # so is the loop, and whatever would be closed on it
                    pipe.send(Gone(work, str(stuck)))
                    os._exit(1)
                pipe.send(Done(work, came, told))
        runner.run(host.close())
