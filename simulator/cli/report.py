"""`playmoney report`: revenue, true-up and drift, from an event feed (RGS-60..62, QLT-12)."""

import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar, cast

import click
import msgspec

from simulator.base.clock import iso
from simulator.base.errors import ConfigError
from simulator.base.source import NotYaml, plain
from simulator.cli.report_source import collect, source
from simulator.reports import drift as drifts
from simulator.reports import revenue as revenues
from simulator.reports import trueup as trueups
from simulator.reports.collect import NOTHING, Collected, Excluded, Settled
from simulator.reports.feed import FEEDS
from simulator.reports.periods import instant
from simulator.reports.render import FORMATS, render
from simulator.reports.terms import load_contract, load_rates

F = TypeVar("F", bound=Callable[..., Any])

CONTRACT = click.option(
    "--contract",
    default="revenue-share",
    show_default=True,
    help="A name in contracts/royalties, or a file.yaml.",
)
FORMAT = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True
)
EXCLUDE = click.option(
    "--exclude",
    type=click.Path(path_type=Path),
    help="YAML with lists of players, spins and rounds that count nowhere.",
)


@click.group()
def report() -> None:
    """Reports from the events of a server or of exported files, never from its tables."""


@report.command()
@source
@click.option("--from", "start", metavar="TIME", help="2026-01-01 or a time.  [default: the first]")
@click.option("--to", "end", metavar="TIME", help="Before this one.  [default: all]")
@click.option("--as-of", metavar="TIME", help="Only what the feed had told before.")
@click.option(
    "--by", type=click.Choice(list(revenues.BY)), default="game", show_default=True, help="Rows."
)
@CONTRACT
@click.option("--fx", help="Rates: a name in contracts/royalties, or a file.yaml.")
@EXCLUDE
@FORMAT
def revenue(
    start: str | None,
    end: str | None,
    as_of: str | None,
    by: str,
    contract: str,
    fx: str | None,
    exclude: Path | None,
    form: str,
    **where: Any,
) -> None:
    """Count spins, turnover, GGR, NetWin, costs and royalties.

    Amounts are exact; only invoice lines are rounded, as the contract says. Months are
    billed one by one; one that is cut by --from or --to is billed on its part.
    """
    terms, rates = load_contract(contract), load_rates(fx) if fx else None
    span = revenues.Span(
        None if start is None else instant("--from", start),
        None if end is None else instant("--to", end),
        None if as_of is None else instant("--as-of", as_of),
    )
    if span.start_ns is not None and span.end_ns is not None and span.start_ns >= span.end_ns:
        raise ConfigError(f"--to {end}: is not after --from {start}")
    excluded = _excluded(exclude)
    collected = collect(**where)
    found = revenues.revenue(collected, span, terms, excluded)
    made = revenues.report(collected, found, cast(revenues.By, by), terms, rates)
    parts = ("rows", "totals", "tournaments", "lines", "billed")
    click.echo(render(made, form, parts), nl=False)
    _say_why_empty(collected, made["rows"])


@report.command()
@source
@click.option("--quarter", required=True, metavar="QUARTER", help="Such as 2026-Q1.")
@CONTRACT
@click.option("--fx", required=True, help="Rates: a name in contracts/royalties, or a file.yaml.")
@EXCLUDE
@FORMAT
def trueup(
    quarter: str, contract: str, fx: str, exclude: Path | None, form: str, **where: Any
) -> None:
    """Settle a quarter: what was invoiced for its months, against what is due by now.

    What came late, was voided or excluded since is `by_events`; the quarter's rate
    instead of the months' is `by_fx`.
    """
    terms, rates, excluded = load_contract(contract), load_rates(fx), _excluded(exclude)
    collected = collect(**where)
    made = trueups.report(collected, quarter, terms, rates, excluded)
    click.echo(render(made, form, ("rows",)), nl=False)
    if form == "table":
        click.echo(f"true-up of {quarter}: {made['total']:f} {made['billing_currency']}")
    _say_why_empty(collected, made["rows"])


@report.command()
@source
@click.option(
    "--maths",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="What `playmoney games math GAME --all --json` prints; may be given more than once.",
)
@click.option(
    "--alpha", default="0.001", show_default=True, help="Share of reports that may alert wrongly."
)
@CONTRACT
@FORMAT
def drift(maths: tuple[Path, ...], alpha: str, contract: str, form: str, **where: Any) -> None:
    """Hold what was played to the published mathematics, spin by spin.

    The test may be asked after every spin: the chance that true mathematics ever alerts
    is at most alpha. Also shown are bonus frequency and the share of eligible spins.

    \b
    Exit codes: 0 no alert, 1 an alert, 2 cannot tell.
    """
    terms, share = load_contract(contract), _share(alpha)
    laws = {cell: law for path in maths for cell, law in drifts.read_laws(path).items()}
    collected = collect(**where)
    settled = list(collected.settled())
    made = drifts.report(collected, settled, laws, terms, share)
    click.echo(render(made, form, ("rows", "games")), nl=False)
    if form == "table":
        for row in made["rows"]:
            if row["alert"]:
                cell = f"{row['game_id']} {row['profile']} {row['mode']}"
                click.echo(f"ALERT: {cell}: {row['alert']}, at spin {row['alert_at_spin']}")
        click.echo(f"{made['alerts']} alerts; {made['unjudged_spins']} spins without mathematics")
    if settled and not made["rows"]:
        raise ConfigError(_unjudged(settled, laws))
    _say_why_empty(collected, settled)
    sys.exit(1 if made["alerts"] else 0)


def _say_why_empty(collected: Collected, rows: Sequence[Any]) -> None:
    """Beside a report without rows: what the feed tells of, and what was perhaps meant. Not in the
    report: a program reads that."""
    if rows:
        return
    others = [feed for feed in FEEDS if feed != collected.feed]
    if not collected.read:
        why = "the feed has told of nothing yet"
    elif collected.reach_ns is None:
        types = ", ".join(sorted(collected.skipped)) or "none"
        why = (
            f"no play in the {collected.feed}'s feed, only events of other types ({types}); "
            f"--feed {others[0]} reads another's words"
        )
    else:
        first, last = map(iso, collected.reach_ns)
        why = f"nothing that counts was played in that time; the feed tells of {first} to {last}"
    click.echo(f"playmoney: {why}", err=True)


def _unjudged(settled: Sequence[Settled], laws: Mapping[drifts.Cell, drifts.Law]) -> str:
    """Why not a single spin could be held to its mathematics."""
    played = {(one.played.game_id, one.played.profile, one.played.mode) for one in settled}
    known = {cell.game_id for cell in laws}
    cells = ", ".join(" ".join(word or "?" for word in cell) for cell in sorted(played))
    return (
        f"cannot tell: --maths has {', '.join(sorted(known))}, and no spin is of a game, profile "
        f"and mode there; played were {cells}"
    )


class _Lists(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of exclusions."""

    players: list[str] = []
    spins: list[str] = []
    rounds: list[str] = []


def _excluded(path: Path | None) -> Excluded:
    if path is None:
        return NOTHING
    try:
        lists = msgspec.convert(plain(path.read_text("utf-8")), _Lists)
    except OSError as wrong:
        raise ConfigError(f"--exclude {path}: cannot be read ({wrong.strerror})") from None
    except (NotYaml, UnicodeDecodeError, msgspec.ValidationError) as wrong:
        raise ConfigError(
            f"--exclude {path}: {' '.join(str(wrong).split())}; it has lists: players, spins, "
            "rounds"
        ) from None
    return Excluded(*(frozenset(part) for part in (lists.players, lists.spins, lists.rounds)))


def _share(text: str) -> Fraction:
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal(0)
    if not 0 < share < 1:
        raise ConfigError(f"--alpha {text}: is a number above 0 and below 1, such as 0.001")
    return Fraction(share)
