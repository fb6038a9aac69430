"""`playmoney jackpot`: how the jackpot service stands, and the mathematics of its pools."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.adapters.http import HttpTransport
from simulator.adapters.transport import TransportError
from simulator.base.errors import ConfigError, ValidationFailed
from simulator.base.exact import number
from simulator.cli.games import find, picked, short, wide
from simulator.cli.options import ADMIN_TOKEN, DEFAULT_URL
from simulator.jackpot import figures, published
from simulator.jackpot.terms import Terms, shipped
from simulator.settings import unknown
from simulator.store.reading import reading
from simulator.wire import json
from simulator.wire.calls import Call
from simulator.wire.jackpot_pools import Exact, PoolMath, ReadMath
from simulator.wire.jackpot_status import JackpotStatus, Limits

FILE = "jackpot.db"
"""Of a data folder."""

LEAST, MOST = Fraction(75, 100), Fraction(1)
"""What a game returns in the long run lies between, jackpot share included (docs/games.md)."""

JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")


@click.group()
def jackpot() -> None:
    """The jackpot service: figures, alerts, mathematics."""


# Status -------------------------------------------------------------------------------------------


@jackpot.command()
@click.option("--url", help="A running sandbox, with /s/NAME for another than the default one.")
@click.option("--data", type=click.Path(path_type=Path), help="A data folder instead.")
@ADMIN_TOKEN
@click.option(
    "--window",
    "window_s",
    type=click.IntRange(1),
    default=86_400,
    show_default=True,
    help="Seconds that alerts look back.",
)
@click.option(
    "--failures",
    "payout_failures_percent",
    type=click.IntRange(0, 100),
    default=5,
    show_default=True,
    help="Percent of payouts refused, above which an alert fires.",
)
@click.option(
    "--at-cap",
    "at_cap_percent",
    type=click.IntRange(0, 100),
    default=10,
    show_default=True,
    help="Percent of the time at the cap.",
)
@click.option(
    "--drift",
    "drift_ppm",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Millionths between a pool and its rows.",
)
@JSON
def status(
    url: str | None, data: Path | None, admin_token: str | None, as_json: bool, **limits: int
) -> None:
    """Tell how pools, payouts and calls stand, and which alerts fire.

    A data folder has no calls to tell of: those are a running process'.

    \b
    Exit codes: 0 no alert fires, 1 one does, 2 cannot tell.
    """
    if url is not None and data is not None:
        raise ConfigError("--url and --data exclude each other: name one")
    asked = Limits(**limits)
    if data is None:
        told = asyncio.run(_ask(url or DEFAULT_URL, admin_token, asked))
    else:
        with reading(data / FILE) as books:
            told = figures.status(books, figures.last_ns(books), asked)
    if as_json:
        click.echo(json.encode(told))
    else:
        _print(told)
    sys.exit(1 if any(alert.firing for alert in told.alerts) else 0)


async def _ask(url: str, token: str | None, limits: Limits) -> JackpotStatus:
    transport = HttpTransport(url)
    query = urlencode({name: getattr(limits, name) for name in limits.__struct_fields__})
    call = Call(
        method="GET",
        target=f"{transport.prefix}/__admin/jackpot/status?{query}",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    try:
        reply = await transport.send(call)
        if reply.status != 200:
            said = reply.body.decode("utf-8", "replace")[:200]
            raise ConfigError(f"--url {url}: refused with {reply.status}: {said}")
        return msgspec.convert(json.decode(reply.body), JackpotStatus)
    except TransportError as wrong:
        raise ConfigError(f"--url {url}: does not answer ({wrong}); is it running?") from None
    except (json.NotJson, msgspec.ValidationError) as wrong:
        raise ConfigError(f"--url {url}: does not answer as a sandbox ({wrong})") from None
    finally:
        await transport.close()


def _print(told: JackpotStatus) -> None:
    console = wide()
    click.echo(f"at {told.at}; {told.queue.pending} pending, lag {told.queue.lag_s} s")
    rows = [
        (
            pool.pool_id, pool.level, pool.status, str(pool.size.amount), pool.size.currency,
            f"{pool.bets}", f"{pool.hits}", short(pool.hit_rate),
            str(pool.average_contribution), _dash(pool.average_time_to_drop_s),
            f"{pool.at_cap_percent}", f"{pool.drift_ppm}",
        )
        for pool in told.pools
    ]  # fmt: skip
    _table(
        console,
        ("pool", "level", "state", "size", "", "bets", "hits", "hit rate", "each bet",
         "to drop, s", "at cap, %", "drift, ppm"),
        rows, words=3,
    )  # fmt: skip
    if told.payouts:
        _table(
            console,
            ("brand", "region", "pool", "payouts", "count", "sum", ""),
            [
                (one.brand, one.region, one.pool_id, one.status, f"{one.count}",
                 str(one.sum.amount), one.sum.currency)
                for one in told.payouts
            ],
            words=4,
        )  # fmt: skip
    if told.calls:
        _table(
            console,
            ("", "call", "count", "p50, ms", "p95, ms", "p99, ms", "errors"),
            [
                (call.direction, call.operation, f"{call.count}",
                 *(f"{us / 1000:.1f}" for us in (call.p50_us, call.p95_us, call.p99_us)),
                 ", ".join(f"{count} {code}" for code, count in call.errors.items()))
                for call in told.calls
            ],
            words=2,
        )  # fmt: skip
    firing = [alert for alert in told.alerts if alert.firing]
    for alert in firing:
        line = f"{alert.alert} of {alert.of}: {alert.value}, above {alert.limit}"
        console.print(Text("ALERT ", style="bold red") + Text(line, style="default"))
    if not firing:
        click.echo(f"no alert fires, of {len(told.alerts)}")


def _table(
    console: Console, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, words: int
) -> None:
    """The first columns are words, the others numbers."""
    table = Table(box=None, pad_edge=False)
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="left" if at < words else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _dash(value: Decimal | None) -> str:
    return "–" if value is None else short(value)


# Mathematics --------------------------------------------------------------------------------------


@jackpot.command()
@click.argument("pool_id", metavar="POOL")
@click.option("--stake", help="Of each bet, in the pool's currency.  [default: one unit]")
@click.option(
    "--each",
    "each_ms",
    type=click.IntRange(1),
    default=3_000,
    show_default=True,
    help="Milliseconds between two bets.",
)
@click.option("--one-in", type=click.IntRange(1), help="The odds of a pool that falls by call.")
@click.option("--game", help="A game that feeds it: its return with the pool's part is judged.")
@click.option("--profile", help="RTP profile of the game.  [default: the highest]")
@click.option("--mode", default="base", show_default=True, help="Bet mode of the game.")
@JSON
def math(
    pool_id: str,
    stake: str | None,
    each_ms: int,
    one_in: int | None,
    as_json: bool,
    **with_game: str | None,
) -> None:
    """Compute what a pool collects and returns, how often it falls and what it pays, exactly.

    POOL is one of contracts/jackpots. `returned` is its part of the return to
    players; with a game, both together have to lie within 75 % and 100 %.

    \b
    Exit codes: 0 computed, 1 the game and the pool return too little or too much.
    """
    if pool_id not in shipped():
        raise unknown("POOL", pool_id, tuple(shipped()))
    terms = shipped()[pool_id]
    try:
        asked = ReadMath(
            pool_id=pool_id,
            stake=None if stake is None else Decimal(stake),
            each_ms=each_ms,
            one_in=one_in,
        )
        told = published.publish(terms, 1, asked, _levels(terms))
    except InvalidOperation:
        raise ConfigError(f"--stake {stake}: is no number such as 2.50") from None
    except ValidationFailed as wrong:
        raise ConfigError(f"{pool_id}: {wrong}") from None
    judged = _judged(told, **with_game)
    if as_json:
        click.echo(json.encode({"pool": told, **({"game": judged} if judged else {})}))
    else:
        _print_math(told, judged)
    sys.exit(0 if not judged or judged["within"] else 1)


def _levels(terms: Terms) -> list[Terms]:
    if terms.group is None:
        return [terms]
    return [one for one in shipped().values() if one.group == terms.group]


def _judged(
    told: PoolMath, *, game: str | None, profile: str | None, mode: str | None
) -> dict[str, Any]:
    """The return of a game with a pool's part, and whether it may be so."""
    if game is None:
        return {}
    if told.returned is None:
        raise ConfigError(f"{told.pool_id} falls by call: say with --one-in how it is drawn")
    known = find(game)
    name, way = picked(known, profile, mode or "base")
    base = known.rtp(name, way)
    both = base + Fraction(told.returned.value)
    return {
        "game_id": known.game_id,
        "profile": name,
        "mode": way,
        "rtp": number(base),
        "rtp_with_jackpot": number(both),
        "within": LEAST <= both <= MOST,
    }


def _print_math(told: PoolMath, judged: Mapping[str, Any]) -> None:
    click.echo(
        f"{told.pool_id}, version {told.version}: {told.stake.amount} {told.stake.currency} "
        f"each {told.each_ms} ms, falls by {told.trigger}"
    )
    rows = [
        (name, str(value.value), value.exact or "")
        for name in told.__struct_fields__
        if isinstance(value := getattr(told, name), Exact)
    ]
    _table(wide(), ("", "value", "exactly"), rows, words=1)
    if told.levels:
        parts = [
            (one.pool_id, one.level, short(one.hits.value), short(one.payouts.value))
            for one in told.levels
        ]
        _table(wide(), ("pool", "level", "of hits", "of payouts"), parts, words=2)
    if judged:
        verdict = "within" if judged["within"] else "NOT within"
        click.echo(
            f"{judged['game_id']} {judged['profile']} {judged['mode']}: {judged['rtp']}, with the "
            f"pool {judged['rtp_with_jackpot']}: {verdict} 75 % and 100 %"
        )
