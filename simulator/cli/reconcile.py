"""`playmoney reconcile`: books against their laws, and against a statement of another system."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from simulator.base.clock import parse_iso
from simulator.base.errors import ConfigError
from simulator.cli.books import DATA, STORE, look_at
from simulator.ledger.reconcile import PLACED, WITHOUT_A_GAP
from simulator.ledger.reconcile import reconcile as ask_laws
from simulator.ledger.statement import READERS, Difference, compare, kinds_of
from simulator.store.reading import Books
from simulator.wallet.laws import COUNTED, LAWS
from simulator.wallet.statement import Part, lines
from simulator.wire.control import Reconciliation


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

    def look(books: Books) -> tuple[Reconciliation, list[Difference]]:
        numbered = WITHOUT_A_GAP if store is None else PLACED
        laws = ask_laws(books, LAWS, COUNTED, numbered=numbered)
        return laws, [] if statement is None else _compare(books, statement, form, chosen)

    laws, differences = look_at(data, store, look)
    _tell(laws, differences)
    sys.exit(0 if laws.sound and not differences else 1)


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
    with _opened(statement) as text:
        return compare(lines(books, part), READERS[form](text, statement.name))


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield text
    except OSError as wrong:
        raise ConfigError(f"--statement {path}: cannot be read ({wrong.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"--statement {path}: is not UTF-8") from None


def _tell(laws: Reconciliation, differences: list[Difference]) -> None:
    for broken in laws.breaks:
        click.echo(f"{broken.law}: {broken.where}: {broken.message}")
    for kind, line, message in differences:
        click.echo(f"{kind}: {line.kind} {line.id}: {message}")
    looked_at = ", ".join(f"{count} {name}" for name, count in laws.checked.items())
    if laws.sound and not differences:
        click.echo(f"sound: {looked_at}")
        return
    counts = ({"broken laws": len(laws.breaks)} if laws.breaks else {}) | kinds_of(differences)
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    click.echo(f"breaks: {told}; looked at {looked_at}")
