"""`playmoney run FILE|DIR`: scenarios, with a verdict."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import click
import uvloop

from simulator.base.clock import WallClock
from simulator.base.errors import ConfigError
from simulator.base.ids import fresh_run
from simulator.cli.crew import Crew
from simulator.cli.logs import configure_logs
from simulator.cli.options import FOLDER, with_options
from simulator.cli.outputs import OF_RUNS, of_run, require_folder
from simulator.cli.sandboxes import Sandboxes
from simulator.reports.runs import happenings as h
from simulator.scenarios.at_once import campaign_at_once
from simulator.scenarios.campaign import Order, Read, campaign
from simulator.scenarios.reading import read_file
from simulator.scenarios.running import Tell
from simulator.scenarios.virtual import VirtualLoop
from simulator.server.run import collect_less
from simulator.settings import Target
from simulator.world import load_contracts

VIRTUAL = "virtual"
"""The run of everything that is played in memory: nobody there has heard of an earlier one."""

WORTH_A_PROCESS = 16
"""Plays that take about as long as a further process takes to start."""

MOST_BY_ITSELF = 8
"""Processes that are started without being asked for: each takes some 150 MB."""

SHRUNK = Path("shrunk")
"""Where a campaign's smallest failing scenarios go, unless --shrink-to says otherwise."""


@click.command()
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--target", "targets", multiple=True, metavar="PARTY=URL", help="A party of yours.")
@click.option("--seed", type=click.IntRange(0), help="Instead of each scenario's own.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    help="Play in so many processes; the output is the same.  [default: one for each CPU, "
    f"at most {MOST_BY_ITSELF}, and one for {WORTH_A_PROCESS} plays]",
)
@with_options(*OF_RUNS)
@click.option(
    "--shrink-to",
    type=FOLDER,
    help="Where the smallest failing scenario goes.  [default with --seeds: ./shrunk]",
)
@click.option("--run", "run_id", help="Part of ids sent to targets.  [default: fresh]")
def run(
    places: Sequence[Path],
    targets: Sequence[str],
    seed: int | None,
    seeds: int,
    jobs: int | None,
    shrink_to: Path | None,
    run_id: str | None,
    **files: Path | None,
) -> None:
    """Play scenarios: files, or every *.yaml and *.yml of folders.

    Without targets everything is in memory, in virtual time: the same seed
    gives the same bytes, whose hash is shown. With --seeds N each scenario is
    played with N seeds; of the first that fails the smallest scenario that
    still fails is written to a file.

    \b
    Exit codes: 0 all passed, 1 one failed, 2 one could not run or there was
    nothing to run, 130 interrupted.
    """
    configure_logs("critical")  # what a fault does to our parties is in the report
    parsed = {one.party: one for one in (Target.parse(text) for text in targets)}
    fresh = run_id or fresh_run(WallClock().now_ns())
    options = "".join(f" --target {one.shown}" for one in parsed.values())
    scenarios = _read(places, apart=shrink_to or SHRUNK)
    if shrink_to is not None:
        require_folder("--shrink-to", shrink_to)
    real = bool(parsed) or any(scenario.targets for scenario, _ in scenarios)
    order = Order(
        scenarios=scenarios,
        run=fresh if real else VIRTUAL,
        seed=seed,
        seeds=seeds,
        shrink_to=shrink_to or (SHRUNK if seeds > 1 else None),
        options=options + (f" --run {fresh}" if targets else ""),
    )
    processes = _processes(jobs, len(scenarios) * seeds, real)
    counts: list[h.RunEnded] = []
    with of_run(files) as outputs:

        def tell(happening: h.Happening) -> None:
            outputs.take(happening)
            if isinstance(happening, h.RunEnded):
                counts.append(happening)

        if processes > 1:
            _play_at_once(order, processes, tell)
        else:
            _play_here(order, parsed, uvloop.new_event_loop if real else VirtualLoop, tell)
    sys.exit(_exit_code(counts))


def _processes(asked: int | None, plays: int, real: bool) -> int:
    """In how many processes to play. Raises ConfigError where it can only be one."""
    if real:
        if asked not in (None, 1):
            raise ConfigError(
                f"--jobs {asked}: a party behind a URL is one system with one clock, so scenarios "
                "with targets are played one after the other; leave --jobs out"
            )
        return 1
    if asked is not None:
        return min(asked, plays)
    return max(1, min(_cpus(), plays // WORTH_A_PROCESS, MOST_BY_ITSELF))


def _cpus() -> int:
    """The CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _play_at_once(order: Order, processes: int, tell: Tell) -> None:
    crew = Crew(order, processes)
    try:
        for happening in campaign_at_once(order, crew):
            tell(happening)
    finally:
        crew.close()


def _play_here(
    order: Order,
    targets: Mapping[str, Target],
    make_loop: Callable[[], asyncio.AbstractEventLoop],
    tell: Tell,
) -> None:
    async def main() -> None:
        host = Sandboxes(load_contracts(), targets)
        collect_less()
        try:
            async for happening in campaign(order, host):
                tell(happening)
        finally:
            await host.close()

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(main())


def _exit_code(counts: Sequence[h.RunEnded]) -> int:
    if not counts or counts[0].could_not_run:
        return 2
    return 1 if counts[0].failed else 0


def _read(places: Sequence[Path], *, apart: Path) -> list[Read]:
    """The scenarios of files and folders. Raises ConfigError where there is none.

    What earlier runs have left in the folder `apart` is played where it is named, and not because
    it lies within another folder.
    """
    found = [read_file(path) for place in places for path in _paths(place, apart.resolve())]
    if not found:
        where = ", ".join(map(str, places))
        left_out = (
            f" (but for {apart}, which is played where it is named)" if apart.is_dir() else ""
        )
        raise ConfigError(f"there is no *.yaml in {where}{left_out}: nothing to run")
    return found


def _paths(place: Path, apart: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    named = place.resolve().is_relative_to(apart)
    for path in sorted((*place.glob("**/*.yaml"), *place.glob("**/*.yml"))):
        if named or not path.parent.resolve().is_relative_to(apart):
            yield path
