"""`playmoney audit`: the chain of a data folder or database, checked, printed and exported."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import click

from simulator.base.errors import ConfigError, StoreDamaged
from simulator.cli.books import DATA, STORE, look_at
from simulator.ledger.audit import Anchor, Broken, head, verify
from simulator.ledger.export import export as lines_of
from simulator.ledger.export import verify_export
from simulator.store.reading import Books
from simulator.wallet.operations import ROWS
from simulator.wire.control import Audit


class _AnchorText(click.ParamType[Anchor]):
    name = "N:HEX"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Anchor:
        try:
            return Anchor.parse(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


@click.group()
def audit() -> None:
    """Check, print and export the audit chain of a data folder or a database.

    Nothing is written into a folder, and servers may be running on either. In a database
    what waits for its seal is sealed first, as a server would do it.
    """


@audit.command("head")
@DATA
@STORE
def print_head(data: Path | None, store: str | None) -> None:
    """Print the newest seal, to be kept somewhere else: N:HEX."""
    newest = look_at(data, store, head)
    click.echo(f"{newest.seal}:{newest.chain}")


@audit.command("verify")
@DATA
@STORE
@click.option("--export", type=click.Path(path_type=Path), help="Check an exported file instead.")
@click.option("--anchor", type=_AnchorText(), help="A head that must be in the chain.")
def verify_chain(
    data: Path | None, store: str | None, export: Path | None, anchor: Anchor | None
) -> None:
    """Check every row against the chain.

    \b
    Exit codes: 0 sound, 1 tampered with (the first bad row is named), 2 cannot
    tell: no such folder, not ours, another version.
    """
    try:
        if export is not None:
            found = _verify_file(export, anchor)
        else:
            found = look_at(data, store, partial(verify, kinds=ROWS, anchor=anchor))
    except StoreDamaged as wrong:
        click.echo(f"tampered: {wrong}")
        sys.exit(1)
    click.echo(_verdict(found))
    sys.exit(0 if found.sound else 1)


@audit.command("export")
@DATA
@STORE
@click.option("--out", type=click.Path(path_type=Path), help="A file.  [default: stdout]")
def export_chain(data: Path | None, store: str | None, out: Path | None) -> None:
    """Write seals, operations and entries as NDJSON, for `audit verify --export`."""

    def write_all(books: Books) -> int:
        count = 0
        with _output(out) as write:
            for line in _lines(books):
                write.write(line + b"\n")
                count += 1
        return count

    count = look_at(data, store, write_all)
    if out is not None:
        click.echo(f"{count} lines in {out}")


def _lines(books: Books) -> Iterator[bytes]:
    try:
        yield from lines_of(books)
    except Broken as wrong:
        raise ConfigError(f"{wrong}; `playmoney audit verify` says more") from None


@contextmanager
def _output(out: Path | None) -> Iterator[IO[bytes]]:
    try:
        with click.open_file(str(out or "-"), "wb") as opened:
            yield opened
    except OSError as wrong:
        raise ConfigError(f"--out {out}: cannot be written ({wrong.strerror})") from None


def _verify_file(path: Path, anchor: Anchor | None) -> Audit:
    try:
        with path.open("rb") as lines:
            return verify_export(lines, [kind.TABLE for kind in ROWS], anchor)
    except OSError as wrong:
        raise ConfigError(f"--export {path}: cannot be read ({wrong.strerror})") from None


def _verdict(found: Audit) -> str:
    bad = found.first_bad
    if bad is None:
        counts = f"{found.checked['seals']} seals, {found.checked['rows']} rows"
        return f"sound: {counts}, head {found.head.seal}:{found.head.chain}"
    name = f" ({bad.name})" if bad.name else ""
    says = f"; seal {bad.seal} says what it was" if bad.seal and bad.table != "seal" else ""
    return f"tampered: {bad.table} {bad.position}{name} {bad.message}{says}"
