"""`playmoney reconcile`: books against their laws, and against a statement of another system."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

import click
from msgspec.structs import replace

from simulator.base.clock import parse_iso
from simulator.base.errors import ConfigError
from simulator.cli.books import DATA, STORE, Place, opened
from simulator.ledger.reconcile import ask_laws
from simulator.ledger.statement import READERS, Difference, compare, kinds_of
from simulator.parties import JACKPOT, WALLET
from simulator.server import across
from simulator.server.checks import laws_of, named
from simulator.store.reading import Books
from simulator.wallet.statement import Part, lines
from simulator.wire.control import Break, Reconciliation


@click.command()
@DATA
@STORE
@click.option(
    "--statement", type=click.Path(path_type=Path), help="What another system says was moved."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(READERS)),
    help="Of the statement.  [default: by its name]",
)
@click.option("--tenant", help="The tenant that the statement is of.  [default: all]")
@click.option("--from", "start", metavar="TIME", help="When its period begins, ISO 8601.")
@click.option("--to", "end", metavar="TIME", help="When its period ends; that moment is not in it.")
def reconcile(
    data: Path | None,
    store: str | None,
    statement: Path | None,
    form: str | None,
    **part: str | None,
) -> None:
    """Check the books of a data folder or a database, which servers may be writing.

    Every party is asked, and payouts and contributions of jackpots are laid beside
    what the wallet says of them; contributions of bets that it does not know are
    listed as unmatched, and are no breaks.

    A statement has one line for each movement, with the columns or fields id (of the
    transaction, bet, payment or bonus), player_id, kind (debit, credit, rollback,
    reserve, release, deposit, withdrawal, fund, bonus), amount and currency. The laws
    are always asked of everything.

    \b
    Exit codes: 0 sound, 1 breaks (each is named), 2 cannot tell.
    """
    if statement is None and any(part.values()):
        raise ConfigError("--tenant, --from and --to are a statement's: name one with --statement")
    chosen = _part(**part)

    def differences_of(books: Books) -> list[Difference]:
        return [] if statement is None else _compare(books, statement, form, chosen)

    async def work() -> tuple[Reconciliation, list[Difference]]:
        async with opened(data, store) as place:
            laws = await _ask_all(place, places=store is not None)
            return laws, await place.ask(WALLET.name, differences_of)

    laws, differences = asyncio.run(work())
    _tell(laws, differences)
    sys.exit(0 if laws.sound and not differences else 1)


async def _ask_all(place: Place, *, places: bool) -> Reconciliation:
    """The laws of every party of a world, and what two of them say of each other."""
    breaks: list[Break] = []
    checked: dict[str, int] = {}
    for kind in place.kinds:
        laws = laws_of(kind, places=places)
        told = await place.ask(kind.name, partial(ask_laws, laws=laws, tables=kind.counted))
        of = "" if kind is WALLET else kind.name
        breaks += [replace(broken, party=of) for broken in told.breaks]
        checked |= {named(kind.name, what): count for what, count in told.checked.items()}
    if JACKPOT not in place.kinds:
        return Reconciliation(not breaks, breaks, checked)
    found = await across.compare(place.ask, await place.ask(WALLET.name, _last_ns))
    breaks += found.breaks
    return Reconciliation(not breaks, breaks, checked | found.checked, found.unmatched)


def _last_ns(books: Books) -> int:
    """When the newest operation was decided."""
    return int(books.rows("SELECT max(at_ns) FROM op")[0][0])


def _part(tenant: str | None, start: str | None, end: str | None) -> Part:
    times = {"--from": start, "--to": end}
    found: dict[str, int | None] = dict.fromkeys(times)
    for option, text in times.items():
        if text is not None:
            try:
                found[option] = parse_iso(text)
            except ValueError as wrong:
                raise ConfigError(f"{option}: {wrong}") from None
    return Part(tenant, found["--from"], found["--to"])


def _compare(books: Books, statement: Path, form: str | None, part: Part) -> list[Difference]:
    form = form or statement.suffix.removeprefix(".")
    if form not in READERS:
        raise ConfigError(f"--statement {statement}: say what it is with --format csv or ndjson")
    with _text(statement) as text:
        return compare(lines(books, part), READERS[form](text, statement.name))


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield text
    except OSError as wrong:
        raise ConfigError(f"--statement {path}: cannot be read ({wrong.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"--statement {path}: is not UTF-8") from None


def _tell(laws: Reconciliation, differences: list[Difference]) -> None:
    for broken in laws.breaks:
        party = f"{broken.party}: " if broken.party else ""
        click.echo(f"{party}{broken.law}: {broken.where}: {broken.message}")
    for one in laws.unmatched:
        click.echo(f"unmatched: contribution {one.jp_contrib_id}, bet {one.bet_id}: {one.message}")
    for kind, line, message in differences:
        click.echo(f"{kind}: {line.kind} {line.id}: {message}")
    looked_at = ", ".join(f"{count} {name}" for name, count in laws.checked.items())
    if laws.sound and not differences:
        click.echo(f"sound: {looked_at}")
        return
    counts = ({"broken laws": len(laws.breaks)} if laws.breaks else {}) | kinds_of(differences)
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    click.echo(f"breaks: {told}; looked at {looked_at}")
