"""`playmoney reconcile`: a data folder's books against their laws, and against a statement."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from simulator.base.errors import ConfigError
from simulator.cli.audit import DATA, STORE
from simulator.ledger.reconcile import reconcile as ask_laws
from simulator.ledger.statement import READERS, Difference, compare, kinds_of
from simulator.store.reading import Books, reading
from simulator.wallet.laws import COUNTED, LAWS
from simulator.wallet.statement import lines
from simulator.wire.control import Reconciliation


@click.command()
@DATA
@click.option(
    "--statement", type=click.Path(path_type=Path), help="What another system says was moved."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(READERS)),
    help="Of the statement.  [default: by its name]",
)
def reconcile(data: Path, statement: Path | None, form: str | None) -> None:
    """Check the books of a data folder, which a server may be writing.

    A statement has one line for each movement, with the columns or fields id (of the
    transaction, bet or payment), player_id, kind (debit, credit, rollback, reserve,
    release, deposit, withdrawal, fund), amount and currency.

    \b
    Exit codes: 0 sound, 1 breaks (each is named), 2 cannot tell.
    """
    with reading(data / STORE) as books:
        laws = ask_laws(books, LAWS, COUNTED)
        differences = [] if statement is None else _compare(books, statement, form)
    _tell(laws, differences)
    sys.exit(0 if laws.sound and not differences else 1)


def _compare(books: Books, statement: Path, form: str | None) -> list[Difference]:
    form = form or statement.suffix.removeprefix(".")
    if form not in READERS:
        raise ConfigError(f"--statement {statement}: say what it is with --format csv or ndjson")
    with _opened(statement) as text:
        return compare(lines(books), READERS[form](text, statement.name))


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
