"""Whole rounds in virtual time: platform, wallet and studio over the in-process wire, in memory,
on one core, as scenarios play them; and how long many seeds of a scenario under chaos take.

The time is that of this process on its core: nothing here waits, so what else the machine does is
not counted.
"""

import asyncio
import time
from statistics import median
from typing import Any

from simulator.cli.logs import configure_logs
from simulator.cli.sandboxes import Sandboxes
from simulator.scenarios.reading import read_text
from simulator.scenarios.running import Piece, play
from simulator.scenarios.virtual import VirtualLoop
from simulator.server.run import collect_less
from simulator.world import load_contracts
from tests.bench.load import Measure

TURNS = 3
ROUNDS = 200
SEEDS = 20

_HEAD = """\
scenario: a benchmark
why: It has to be fast enough for thousands of seeds.
rules: [SBX-07]
world: {players: {ana: {cash: 100000.00 EUR}}}
"""
PLAIN = f"{_HEAD}steps: [{{play: {ROUNDS}, player: ana, stake: 1.00 EUR}}]\n"
CHAOS = f"""{_HEAD}chaos:
  - {{at: "wallet.*", when: {{probability: 1/10}}, fault: lose_reply}}
  - {{at: "rgs.*", when: {{probability: 1/10}}, fault: lose_request}}
steps: [{{play: 20, player: ana, stake: 1.00 EUR, retry: 30}}]
then: [{{book: sound}}, {{money: kept}}]
"""


def measures() -> list[Measure]:
    """Rounds a second, and seconds for a thousand seeds of a scenario of twenty rounds."""
    configure_logs("critical")
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_measure())


async def _measure() -> list[Measure]:
    host = Sandboxes(load_contracts())
    collect_less()  # as `playmoney run` does
    try:
        await _play(host, PLAIN, 1)
        rates = [ROUNDS / await _play(host, PLAIN, 1) for _ in range(TURNS)]
        thousand = [await _play(host, CHAOS, SEEDS) * 1000 / SEEDS for _ in range(3)]
    finally:
        await host.close()
    return [
        Measure("virtual_rounds_per_s", round(median(rates), 1), "/s", rates),
        Measure("virtual_1000_seeds_s", round(median(thousand), 1), "s", thousand),
    ]


async def _play(host: Any, text: str, seeds: int) -> float:
    """Seconds of the core for so many seeds; as there, nothing is collected for a report."""
    before = time.process_time()
    scenario, source = read_text(text, "bench.yaml")
    for seed in range(1, seeds + 1):
        result = await play(Piece(scenario, source, seed, ""), host, "bench", _nobody, brief=True)
        if result.verdict != "pass":
            raise SystemExit(f"the benchmark's scenario does not hold: {result.failures}")
    return time.process_time() - before


def _nobody(_happening: object) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    for measure in measures():
        print(f"{measure.name} {measure.value} {measure.unit}")
