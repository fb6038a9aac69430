"""`playmoney games simulate`: chance against the exact mathematics."""

import sys
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from simulator.base.rng import SEED_MAX
from simulator.cli.games import GAME, JSON, MODE, PROFILE, TARGET, choice_of, find, picked, short
from simulator.rgs.maths.game import Choice, Game
from simulator.rgs.maths.plays import Tally
from simulator.rgs.maths.simulate import report
from simulator.rgs.maths.simulate import simulate as plays_of
from simulator.settings import DEFAULT_SEED
from simulator.wire import json


@click.command()
@GAME
@click.option(
    "--spins",
    type=click.IntRange(1, 10**11),
    default=1_000_000,
    show_default=True,
    help="Plays of the mode; free spins and respins are not counted.",
)
@click.option("--seed", type=click.IntRange(0, SEED_MAX), default=DEFAULT_SEED, show_default=True)
@PROFILE
@MODE
@TARGET
@JSON
def simulate(
    game_id: str,
    spins: int,
    seed: int,
    profile: str | None,
    mode: str,
    target: str | None,
    as_json: bool,
) -> None:
    """Play many spins, and say whether their return is where it should be.

    It should lie within the 99.9 % interval of the exact return: one honest seed in a
    thousand does not.

    \b
    Exit codes: 0 within, 1 outside, 2 cannot tell.
    """
    game = find(game_id)
    choice = choice_of(game, target)
    chosen, mode = picked(game, profile, mode)
    tally = _run(game, chosen, mode, spins, seed, choice)
    found = report(game, chosen, mode, tally, choice) | {"seed": seed}
    if as_json:
        click.echo(json.encode(found))
    else:
        _tell(found)
    sys.exit(0 if found["exact"]["within"] else 1)


def _run(
    game: Game, profile: str, mode: str, spins: int, seed: int, choice: Choice | None
) -> Tally:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[speed]}"),
    )
    tally = Tally()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(game.title, total=spins, speed="")
        for tally in plays_of(game, profile, mode, spins, seed, choice):
            speed = progress.tasks[0].speed
            told = f"{speed / 1e6:.1f} M/s" if speed else ""
            progress.update(task, completed=tally.plays, speed=told)
    return tally


def _tell(found: dict[str, Any]) -> None:
    exact = found["exact"]
    low, high = (short(bound) for bound in exact["interval"])
    words = "within" if exact["within"] else "OUTSIDE"
    click.echo(
        f"{found['game_id']} {found['profile']} {found['mode']}: {found['spins']} spins, "
        f"seed {found['seed']}"
    )
    click.echo(
        f"rtp {short(found['rtp'])} is {words} the 99.9 % interval {low}..{high} of the exact "
        f"{short(exact['rtp'])}"
    )
    click.echo(
        f"hit frequency {short(found['hit_frequency'])} (exact {short(exact['hit_frequency'])}), "
        f"variance {short(found['variance'])} (exact {short(exact['variance'])}), "
        f"highest win {short(found['max_win'])}"
    )
