"""`playmoney games`: the studio's games, their exact mathematics, simulation and lab package."""

import importlib
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import click
from rich.console import Console
from rich.table import Table

from simulator.base.errors import ConfigError
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.game import Choice, Game
from simulator.rgs.maths.sheet import sheet
from simulator.settings import unknown
from simulator.wire import json

_APART = {
    "simulate": ("simulator.cli.games_simulate", "Play millions of spins and hold them to it."),
    "lab": ("simulator.cli.games_lab", "Write the package that a test laboratory asks for."),
}
"""Commands that are loaded when they are used, as `simulate` needs numpy."""

DEFAULT_TARGET = "2.00"
BASE = "base"

GAME = click.argument("game_id", metavar="GAME")
PROFILE = click.option("--profile", help="RTP profile.  [default: the highest]")
MODE = click.option("--mode", default=BASE, show_default=True, help="Bet mode.")
TARGET = click.option("--target", help=f"Of a crash game.  [default: {DEFAULT_TARGET}]")
JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")


class _Games(click.Group):
    """Loads what needs numpy when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_APART])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _APART:
            return super().get_command(ctx, cmd_name)
        try:
            command = getattr(importlib.import_module(_APART[cmd_name][0]), cmd_name)
        except ModuleNotFoundError as missing:
            if missing.name != "numpy":
                raise
            raise ConfigError(
                f"games {cmd_name} needs numpy: pip install 'playmoney[maths]'"
            ) from None
        if not isinstance(command, click.Command):
            raise TypeError(f"games {cmd_name} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [(name, command.get_short_help_str(60)) for name, command in self.commands.items()]
        apart = [(name, line) for name, (_, line) in _APART.items()]
        with formatter.section("Commands"):
            formatter.write_dl(sorted([*own, *apart]))


@click.group(cls=_Games)
def games() -> None:
    """The studio's games: what they are, what they return, exactly and by simulation.

    GAME is an id such as studio:slot_forge_02; `studio:` may be left out.
    """


@games.command("list")
@JSON
def list_games(as_json: bool) -> None:
    """List the games."""
    found = load_games().values()
    if as_json:
        items = [
            {
                "game_id": game.game_id,
                "title": game.title,
                "kind": game.kind,
                "mechanics_version": game.mechanics_version,
                "build_hash": game.data_hash,
                "modes": {mode: game.cost(mode) for mode in game.modes},
                "profiles": {name: part.rtp_percent for name, part in game.profiles.items()},
            }
            for game in found
        ]
        click.echo(json.encode({"games": items}))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("game", "title", "kind", "modes (coins)", "profiles", "build hash"):
        table.add_column(heading, overflow="fold")
    for game in found:
        modes = ", ".join(f"{mode} {game.cost(mode)}" for mode in game.modes)
        build = game.data_hash[:19] + "…"
        table.add_row(game.game_id, game.title, game.kind, modes, ", ".join(game.profiles), build)
    wide().print(table)


@games.command("math")
@GAME
@PROFILE
@MODE
@TARGET
@click.option("--all", "every", is_flag=True, help="Every profile and mode.")
@JSON
def math(
    game_id: str, profile: str | None, mode: str, target: str | None, every: bool, as_json: bool
) -> None:
    """Compute return, hit frequency, variance and highest win, exactly.

    Wins are in stakes, odds are "1 in". The volatility index is 1.645 standard deviations.
    """
    game = find(game_id)
    choice = choice_of(game, target)
    if every and (profile is not None or mode != BASE):
        raise ConfigError("--all shows every profile and mode: leave out --profile and --mode")
    if every:
        wanted = [(name, each) for name in game.profiles for each in game.modes]
    else:
        wanted = [picked(game, profile, mode)]
    sheets = [sheet(game, *one, choice) for one in wanted]
    if as_json:
        click.echo(json.encode({"sheets": sheets} if every else sheets[0]))
        return
    click.echo(f"{game.title} ({game.game_id}), {game.mechanics_version}\n{game.data_hash}")
    rows = (
        "profile",
        "mode",
        "target",
        "rtp",
        "rtp_with_jackpot",
        "hit_frequency",
        "variance",
        "volatility_index",
    )
    show(sheets, (*rows, "max_win", "max_win_odds"))


def find(game_id: str) -> Game:
    """The game of an id. Raises ConfigError with the ids and the nearest one."""
    known = load_games()
    full = game_id if ":" in game_id else f"studio:{game_id}"
    if full not in known:
        raise unknown("GAME", game_id, tuple(known))
    return known[full]


def picked(game: Game, profile: str | None, mode: str) -> tuple[str, str]:
    """A profile and mode that the game has. Raises ConfigError for another."""
    profile = game.default_profile() if profile is None else profile
    if profile not in game.profiles:
        raise unknown("--profile", profile, tuple(game.profiles))
    if mode not in game.modes:
        raise unknown("--mode", mode, game.modes)
    return profile, mode


def choice_of(game: Game, target: str | None) -> Choice | None:
    """The target of a crash game; none for a slot. Raises ConfigError for what is no target."""
    if game.kind != "crash":
        if target is not None:
            raise ConfigError(f"--target {target}: {game.game_id} is a slot, it has no target")
        return None
    try:
        return Choice(Decimal(DEFAULT_TARGET if target is None else target))
    except InvalidOperation:
        raise ConfigError(f"--target {target}: is no number such as 2.50") from None


def show(sheets: Iterable[dict[str, object]], columns: Iterable[str]) -> None:
    """Sheets as a table: a row each, the columns that any of them has."""
    rows = list(sheets)
    kept = [column for column in columns if any(column in row for row in rows)]
    table = Table(box=None, pad_edge=False)
    for column in kept:
        table.add_column(column, justify="left" if column in ("profile", "mode") else "right")
    for row in rows:
        table.add_row(*(short(row.get(column, "")) for column in kept))
    wide().print(table)


def short(value: object) -> str:
    """A number for people: six digits are enough."""
    return f"{value:.6g}" if isinstance(value, Decimal) else str(value)


def wide() -> Console:
    """A console that cuts no table where nobody looks at it: a pipe has no width."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)
