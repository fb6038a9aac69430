"""A run: scenarios, seeds, shrinking; typed events come out of it, and nothing else.

Each scenario under each seed is a piece of work by itself, so they may be played in any order, in
any process; they are told in theirs (`at_once`).
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator import __version__
from simulator.base.blocks import BlockSource
from simulator.reports.runs import happenings as h
from simulator.scenarios.document import Scenario
from simulator.scenarios.host import Host
from simulator.scenarios.reading import SCHEMA_LINE
from simulator.scenarios.running import Piece, Result, Tell, play
from simulator.scenarios.shrinking import shrink, written

Read = tuple[Scenario, BlockSource]
SCHEMA_URL = "scenario.schema.json"


@dataclass(frozen=True, slots=True)
class Work:
    """A scenario of an order, by its number, under a seed; with the `labels` of its failure, to be
    made smaller."""

    at: int
    seed: int
    labels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What has come of a piece of work."""

    verdict: h.Verdict
    labels: frozenset[str]
    """What kind of thing failed."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be played."""

    scenarios: Sequence[Read]
    run: str
    seed: int | None = None
    """Instead of the scenarios' own."""
    seeds: int = 1
    """So many from there on, each in turn."""
    shrink_to: Path | None = None
    """The folder for the smallest failing scenarios; None leaves them as they are."""
    options: str = ""
    """What the replay line says beside file and seed."""

    def piece(self, work: Work) -> Piece:
        """What a piece of work is about."""
        scenario, source = self.scenarios[work.at]
        replay = f"playmoney run {source.name} --seed {work.seed}{self.options}"
        return Piece(scenario, source, work.seed, replay)


class Score:
    """What is to be played, in its order, and how it has gone so far. Of a scenario that fails, the
    seeds after the first failure are left out."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._counted: Counter[str] = Counter()
        self._over: set[int] = set()

    def started(self) -> h.RunStarted:
        """The run begins."""
        order = self._order
        return h.RunStarted(scenarios=len(order.scenarios), run=order.run, playmoney=__version__)

    def plays(self) -> Iterator[Work]:
        """What is to be played, but for seeds of what has failed meanwhile."""
        order = self._order
        for at, (scenario, _) in enumerate(order.scenarios):
            first = scenario.seed if order.seed is None else order.seed
            for seed in range(first, first + order.seeds):
                if at in self._over:
                    break
                yield Work(at, seed)

    def take(self, work: Work, came: Came) -> Work | None:
        """Note what has come of a play, in the order of plays. What is to be made smaller, if
        anything is."""
        self._counted[came.verdict] += 1
        if came.verdict != "pass":
            self._over.add(work.at)
        if came.verdict == "fail" and self._order.shrink_to is not None:
            return Work(work.at, work.seed, came.labels)
        return None

    def ended(self) -> h.RunEnded:
        """The run is over."""
        counted = self._counted
        return h.RunEnded(
            passed=counted["pass"],
            failed=counted["fail"],
            could_not_run=counted["could_not_run"],
        )


async def campaign(order: Order, host: Host) -> AsyncIterator[h.Happening]:
    """Play everything in this process; each event comes as it happens."""
    queue: asyncio.Queue[h.Happening | None] = asyncio.Queue()

    async def work() -> None:
        try:
            await _play_all(order, host, queue.put_nowait)
        finally:
            queue.put_nowait(None)

    working = asyncio.ensure_future(work())
    try:
        while (happening := await queue.get()) is not None:
            yield happening
        await working
    finally:
        working.cancel()


async def _play_all(order: Order, host: Host, tell: Tell) -> None:
    score = Score(order)
    tell(score.started())
    for work in score.plays():
        smaller = score.take(work, await perform(order, work, host, tell))
        if smaller is not None:
            await perform(order, smaller, host, tell)
    tell(score.ended())


async def perform(order: Order, work: Work, host: Host, tell: Tell) -> Came:
    """Play a scenario, or make it smaller."""
    piece = order.piece(work)
    if work.labels is not None:
        await _shrink(order, host, piece, set(work.labels), tell)
        return Came("fail", work.labels)
    result = await play(piece, host, order.run, tell, brief=order.seeds > 1)
    return Came(result.verdict, frozenset(result.labels))


async def _shrink(order: Order, host: Host, piece: Piece, labels: set[str], tell: Tell) -> None:
    source = piece.source

    async def again(scenario: Scenario, smaller: BlockSource) -> Result:
        other = Piece(scenario, smaller, piece.seed, "")
        return await play(other, host, order.run, _nobody, brief=True)

    found = await shrink(source.data, source.name, labels, again)
    folder = order.shrink_to or Path()
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(source.name.encode()).hexdigest()[:6]
    path = folder / f"{Path(source.name).stem}-{digest}-seed-{piece.seed}.yaml"
    path.write_text(written(found.data, piece.seed, f"{SCHEMA_LINE}{SCHEMA_URL}"), "utf-8")
    before, after = source.data, found.data
    tell(
        h.Shrunk(
            scenario=piece.scenario.scenario,
            file=str(path),
            steps=(len(before["steps"]), len(after["steps"])),
            rules=(len(before.get("chaos") or ()), len(after.get("chaos") or ())),
            tries=found.tries,
        )
    )


def _nobody(_happening: h.Happening) -> None:
    """Nobody hears of what is tried while a scenario is made smaller."""
