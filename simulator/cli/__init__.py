"""Floor 9, the door: `playmoney COMMAND`.

The table names each command's function as text, so that `--help` and `--version` import none of
them: the one exception to "no imports inside functions".
"""

import gc
import importlib
import os
import signal
import sys
from typing import NoReturn

import click

from simulator import __version__
from simulator.base.errors import PlaymoneyError

COMMANDS = {
    "audit": ("simulator.cli.audit:audit", "Check, print and export the chain of a data folder."),
    "certify": (
        "simulator.cli.certify:certify",
        "Judge a wallet, platform, game server or jackpot of yours, rule by rule.",
    ),
    "backup": ("simulator.cli.backup:backup", "Put a data folder into one file, also under load."),
    "demo": ("simulator.cli.demo:demo", "Play 1000 rounds over HTTP and judge the books."),
    "events": ("simulator.cli.report_events:events", "Export an event feed to a file."),
    "games": ("simulator.cli.games:games", "The studio's games: list, exact maths, simulation."),
    "jackpot": ("simulator.cli.jackpot:jackpot", "Figures, alerts and exact maths of jackpots."),
    "reconcile": (
        "simulator.cli.reconcile:reconcile",
        "Check a data folder's books, and a statement against them.",
    ),
    "report": (
        "simulator.cli.report:report",
        "Revenue, true-up and drift, from an event feed.",
    ),
    "replay": ("simulator.cli.replay:replay", "Send a journal again and compare every byte."),
    "restore": ("simulator.cli.backup:restore", "Make a data folder of a backup, checked."),
    "run": ("simulator.cli.run:run", "Play scenarios, with a verdict."),
    "serve": ("simulator.cli.serve:serve", "Start a sandbox and print how to talk to it."),
    "token": ("simulator.cli.token:token", "Print a bearer token of a running sandbox."),
    "watch": (
        "simulator.cli.watch:watch",
        "Judge a client of yours: play the server, with planned chaos.",
    ),
}
"""Command → where it is, and its line in `--help`."""

EXAMPLES = """
\b
Examples:
  playmoney serve                          a sandbox in memory on http://127.0.0.1:8080
  playmoney serve --data ./world --seed 7  one that survives restarts
  playmoney serve --clock frozen --port 0  time stands still; any free port
  playmoney token                          a bearer token from the running sandbox
  playmoney demo                           1000 rounds over HTTP, with a verdict
  playmoney audit verify --data ./world    is every row what was written?
  playmoney backup --data ./world --to w.tar   the whole world in one file
  playmoney games math slot_forge_02       what a game returns, exactly
  playmoney jackpot status                 pools, payouts, calls and alerts
  playmoney reconcile --data ./world       do the books keep every law?
  playmoney replay journal.ndjson          do the same calls give the same bytes?
  playmoney run scenarios/                 chaos scenarios, each with a verdict
  playmoney certify wallet --target URL    which rules does your wallet keep?
  playmoney watch --plan standard          does your client keep its duties under chaos?
  playmoney report revenue --by game       what was played, won and is owed, by the events
"""


class CommandTable(click.Group):
    """Loads a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, for `--help`."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command behind a name."""
        if cmd_name not in COMMANDS:
            return None
        target, _ = COMMANDS[cmd_name]
        module, _, name = target.partition(":")
        gc.disable()  # what is imported stays: walks through it would be in vain
        command = getattr(importlib.import_module(module), name)
        gc.enable()
        if not isinstance(command, click.Command):
            raise TypeError(f"{target} is not a command")
        return command

    def format_commands(
        self,
        ctx: click.Context,
        formatter: click.HelpFormatter,
    ) -> None:
        """The list in `--help`, from the table and not from the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(COMMANDS.items())])


@click.command(cls=CommandTable, epilog=EXAMPLES)
@click.version_option(__version__, prog_name="playmoney", message="%(prog)s %(version)s")
def playmoney() -> None:
    """A provider sandbox and contract-testing simulator for iGaming. Fake money only."""


def main() -> None:
    """Run the command line; what the user got wrong is one line on stderr and exit 2."""
    gc.set_threshold(50_000)  # fewer walks through contracts, games and calls on their way
    if os.getpid() == 1:  # of a container: the kernel ends no such process by itself
        signal.signal(signal.SIGTERM, _end)
    try:
        playmoney()
    except PlaymoneyError as wrong:
        click.echo(f"playmoney: {wrong}", err=True)
        sys.exit(2)


def _end(number: int, _frame: object) -> NoReturn:
    """Before a server has a handler of its own, and in commands that have none."""
    sys.exit(128 + number)
