"""`playmoney demo`: a thousand rounds over real HTTP, and a verdict on the books."""

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulator.adapters.credentials import BearerAuth
from simulator.adapters.http import HttpTransport
from simulator.adapters.platform import Provider
from simulator.base.clock import WallClock
from simulator.base.ids import fresh_run
from simulator.cli.options import ADMIN_TOKEN, FOLDER
from simulator.scenarios.model import Account
from simulator.scenarios.rounds import Order, Played, play
from simulator.server.child import Child
from simulator.server.clients import CLIENTS
from simulator.server.run import run as run_to_end
from simulator.settings import DEFAULT_SEED
from simulator.wire.messages import Money


@click.command()
@click.option("--rounds", default=1000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--seed", default=DEFAULT_SEED, show_default=True, type=click.IntRange(0))
@click.option("--url", help="Play in this running sandbox instead of a new one.")
@click.option("--run", "run_id", help="Part of every id.  [default: fresh]")
@click.option(
    "--keep",
    type=FOLDER,
    help="Keep the new sandbox's world and logs in this folder.",
)
@ADMIN_TOKEN
def demo(
    rounds: int,
    seed: int,
    url: str | None,
    run_id: str | None,
    keep: Path | None,
    admin_token: str | None,
) -> None:
    """Play seeded rounds over HTTP and judge the books.

    Among them are repeats with the same key, answers lost on purpose,
    rollbacks, and rollbacks that come before their bet.

    \b
    Exit codes: 0 sound, 1 unsound, 2 the sandbox did not start.
    """
    if url and keep:
        raise click.UsageError("--url and --keep exclude each other: a running sandbox has its own")
    if run_id is None:
        # A sandbox that lives on must not take this run's calls for repeats of an earlier one.
        run_id = fresh_run(WallClock().now_ns()) if url or keep else "demo"
    order = Order(rounds, seed, run_id)
    with _stopped_cleanly(), nullcontext(url) if url else _new_sandbox(keep, seed) as base_url:
        played = _play(order, base_url, admin_token)
    replay = f"playmoney demo --rounds {rounds} --seed {seed}"
    if url:
        replay += f" --url {url} --run {run_id}"
    _report(played, f"{replay}  (seed {seed})")
    click.echo(played.verdict.line)
    sys.exit(0 if played.verdict.sound else 1)


@contextmanager
def _new_sandbox(keep: Path | None, seed: int) -> Iterator[str]:
    """A sandbox of our own on SQLite; its folder goes with it unless it is kept."""
    with tempfile.TemporaryDirectory(prefix="playmoney-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with Child(folder, "--data", str(folder / "world"), "--seed", str(seed)) as server:
            yield server.url


@contextmanager
def _stopped_cleanly() -> Iterator[None]:
    """SIGTERM leaves through the same `finally` as everything else, so no server is left behind."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _play(order: Order, url: str, admin_token: str | None) -> Played:
    client = CLIENTS["studio-demo"]
    brand = next(iter(client.brands.values()))
    results: list[Played] = []

    async def main(on_round: Callable[[], None]) -> None:
        # An exit raised out of a signal handler can be swallowed by the callback it interrupts; a
        # cancelled task cannot.
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        transport = HttpTransport(url)
        try:
            results.append(
                await play(
                    order,
                    transport,
                    BearerAuth(transport, client.client_id, client.secret, WallClock()),
                    Provider(client.provider, brand.brand_id, brand.region),
                    timer=time.perf_counter_ns,
                    on_round=on_round,
                    admin_token=admin_token,
                )
            )
        finally:
            await transport.close()

    click.echo(f"playing {order.rounds} rounds against {url}")
    with _progress(order.rounds) as on_round:
        try:
            run_to_end(main(on_round))
        except asyncio.CancelledError:
            sys.exit(128 + signal.SIGTERM)
    return results[0]


@contextmanager
def _progress(rounds: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, a line for each quarter elsewhere."""
    if sys.stdout.isatty():
        columns = (TextColumn("rounds"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console()) as bar:
            task = bar.add_task("rounds", total=rounds)
            yield lambda: bar.advance(task)
        return
    done = 0

    def on_round() -> None:
        nonlocal done
        done += 1
        if done * 4 // rounds > (done - 1) * 4 // rounds:
            click.echo(f"{done}/{rounds} rounds")

    yield on_round


def _report(played: Played, replay: str) -> None:
    verdict, tally = played.verdict, played.verdict.model.tally
    table = Table(show_header=False, title="playmoney demo", title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    table.add_row("rounds", f"{tally.rounds}")
    table.add_row("bets", f"{tally.bets}")
    table.add_row("wins", f"{tally.wins}")
    table.add_row("rollbacks", f"{tally.rollbacks}")
    table.add_row("repeats answered", f"{tally.repeats}")
    table.add_row("lost answers recovered", f"{tally.recovered}")
    table.add_row("tombstones", f"{tally.tombstones}")
    table.add_row("refused for lack of funds", f"{tally.refusals}")
    for expected, found in verdict.balances:
        sign = "=" if expected == found else "≠"
        shown = f"{_amount(expected)} {sign} {_amount(found)}"
        table.add_row(f"balance expected {sign} found, {expected.currency}", shown)
    table.add_row("events", f"{verdict.events}")
    calls = " / ".join(f"{played.watch.percentile_ns(p) / 1e6:.1f}" for p in (50, 95, 99))
    table.add_row(f"p50 / p95 / p99 of {len(played.watch.took_ns)} calls, ms", calls)
    Console().print(table)
    for finding in verdict.model.findings[:20]:
        click.echo(f"  {finding}")
    click.echo(f"again: {replay}")


def _amount(account: Account) -> str:
    available = Money.of(account.available, account.currency).amount
    if not account.held:
        return f"{available}"
    return f"{available} + {Money.of(account.held, account.currency).amount} held"
