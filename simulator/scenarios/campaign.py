"""A run: scenarios, seeds, shrinking; typed events come out of it, and nothing else."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
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


async def campaign(order: Order, host: Host) -> AsyncIterator[h.Happening]:
    """Play everything; of a scenario that fails, the seeds after the first failure are left out."""
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
    tell(h.RunStarted(scenarios=len(order.scenarios), run=order.run, playmoney=__version__))
    counted: Counter[str] = Counter()
    for scenario, source in order.scenarios:
        first = scenario.seed if order.seed is None else order.seed
        for seed in range(first, first + order.seeds):
            replay = f"playmoney run {source.name} --seed {seed}{order.options}"
            piece = Piece(scenario, source, seed, replay)
            result = await play(piece, host, order.run, tell, brief=order.seeds > 1)
            counted[result.verdict] += 1
            if result.verdict == "fail" and order.shrink_to is not None:
                await _shrink(order, host, piece, result, tell)
            if result.verdict != "pass":
                break
    tell(
        h.RunEnded(
            passed=counted["pass"],
            failed=counted["fail"],
            could_not_run=counted["could_not_run"],
        )
    )


async def _shrink(order: Order, host: Host, piece: Piece, result: Result, tell: Tell) -> None:
    source = piece.source

    async def again(scenario: Scenario, smaller: BlockSource) -> Result:
        other = Piece(scenario, smaller, piece.seed, "")
        return await play(other, host, order.run, _nobody, brief=True)

    found = await shrink(source.data, source.name, result.labels, again)
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
