"""A run in several processes: told as one process tells it, in the order of files and seeds.

Whoever plays is ahead of what is told: it is played as if everything before it passes, and what
follows a failure of its own scenario is dropped unseen.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from simulator.base.errors import PlaymoneyError
from simulator.reports.runs import happenings as h
from simulator.scenarios.campaign import Came, Order, Score, Work
from simulator.scenarios.running import Result, ended, started

AHEAD = 8
"""Pieces of work that each process may be ahead of what is told: one that takes long holds nobody
up, and memory stays bounded."""


class Crashed(PlaymoneyError):
    """A process that played is gone."""


@dataclass(frozen=True, slots=True)
class Done:
    """A piece of work, what came of it, and what is to be told."""

    work: Work
    came: Came
    happenings: list[h.Happening]


@dataclass(frozen=True, slots=True)
class Gone:
    """The process that had a piece of work has ended in the middle of it."""

    work: Work
    why: str


class Crew(Protocol):
    """Processes that play."""

    size: int

    @property
    def idle(self) -> bool:
        """Whether one of them has nothing to do."""
        ...

    def give(self, work: Work) -> None:
        """Let one that is idle do a piece of work."""
        ...

    def wait(self) -> Done | Gone:
        """The next that is done, of whichever."""
        ...


def campaign_at_once(order: Order, crew: Crew) -> Iterator[h.Happening]:
    """Play everything. Raises Crashed for a process that ends while it makes a scenario smaller;
    one that ends while it plays is that scenario's verdict."""
    score = Score(order)
    plays = score.plays()
    wanted: dict[Work, Done | None] = {}
    """What is given or to be given, in the order in which it is told."""
    todo: deque[Work] = deque()
    yield score.started()
    while True:
        while len(wanted) < AHEAD * crew.size and (work := next(plays, None)) is not None:
            wanted[work] = None
            todo.append(work)
        while todo and crew.idle:
            crew.give(todo.popleft())
        if not wanted:
            break
        head, done = next(iter(wanted.items()))
        if done is None:
            ready = _done(order, crew.wait())
            if ready.work in wanted:
                wanted[ready.work] = ready
            continue
        del wanted[head]
        yield from done.happenings
        smaller = None if head.labels is not None else score.take(head, done.came)
        if done.came.verdict != "pass":  # nobody hears of its other seeds
            wanted = {work: known for work, known in wanted.items() if work.at != head.at}
            todo = deque(work for work in todo if work.at != head.at)
        if smaller is not None:
            wanted = {smaller: None, **wanted}
            todo.appendleft(smaller)
    yield score.ended()


def _done(order: Order, ready: Done | Gone) -> Done:
    if isinstance(ready, Done):
        return ready
    piece = order.piece(ready.work)
    if ready.work.labels is not None:
        raise Crashed(f"{piece.source.name} with seed {piece.seed}, made smaller: {ready.why}")
    result = Result(piece.scenario, piece.seed)
    result.could_not_run(ready.why)
    told = [started(piece), ended(piece, result, 0)]
    return Done(ready.work, Came("could_not_run", frozenset(result.labels)), told)
