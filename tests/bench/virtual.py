"""Whole rounds in virtual time: platform, wallet and studio over the in-process wire, in memory,
on one core, as scenarios play them; and how long many seeds of a scenario under chaos take, there
and by `playmoney run --jobs 2`.

The time is that of this process on its core: nothing here waits, so what else the machine does is
not counted. Of two processes it is half of what both take of theirs, while both run: so long it
takes where two cores have nothing else to do.
"""

import asyncio
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from simulator.cli.logs import configure_logs
from simulator.cli.sandboxes import Sandboxes
from simulator.scenarios.reading import read_text
from simulator.scenarios.running import Piece, play
from simulator.scenarios.virtual import VirtualLoop
from simulator.server.run import collect_less
from simulator.world import load_contracts
from tests.bench.load import Measure
from tests.processes import ROOT

TURNS = 3
ROUNDS = 200
SEEDS = 20
MORE_SEEDS = 120

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
        measured = runner.run(_measure())
    return [*measured, _in_two_processes()]


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


def _in_two_processes() -> Measure:
    """A thousand seeds as the command plays them: its start once, and each seed after the first
    twenty at its share."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "bench.yaml")
        file.write_text(CHAOS)
        started = _seconds(file, SEEDS)
        each = (_seconds(file, MORE_SEEDS) - started) / (MORE_SEEDS - SEEDS)
    thousand = started + each * (1_000 - SEEDS)
    return Measure("virtual_1000_seeds_2_jobs_s", round(thousand, 1), "s", [thousand])


def _seconds(file: Path, seeds: int) -> float:
    before = _of_children()
    command = [sys.executable, "-m", "simulator", "run", str(file), "--seeds", str(seeds)]
    subprocess.run([*command, "--jobs", "2"], stdout=subprocess.DEVNULL, check=True, cwd=ROOT)
    return (_of_children() - before) / 2


def _of_children() -> float:
    """Seconds of the cores that processes which have ended took, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _nobody(_happening: object) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    for measure in measures():
        print(f"{measure.name} {measure.value} {measure.unit}")
