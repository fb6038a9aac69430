"""`playmoney audit`: the chain of a data folder or database, checked, printed and exported."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import click
from msgspec.structs import replace

from simulator.base.errors import ConfigError, StoreDamaged
from simulator.cli.books import DATA, STORE, Place, look_at, opened
from simulator.ledger.audit import Anchor, Broken, head, verify
from simulator.ledger.export import export as lines_of
from simulator.ledger.export import verify_export
from simulator.parties import PARTIES, WALLET
from simulator.store.reading import Books
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


PARTY = click.option(
    "--party",
    type=click.Choice([kind.name for kind in PARTIES]),
    default=WALLET.name,
    show_default=True,
    help="Whose chain; every party has its own.",
)


@click.group()
def audit() -> None:
    """Check, print and export the audit chains of a data folder or a database, one of each party.

    Nothing is written into a folder, and servers may be running on either. In a database
    what waits for its seal is sealed first, as a server would do it.
    """


@audit.command("head")
@DATA
@STORE
@PARTY
def print_head(data: Path | None, store: str | None, party: str) -> None:
    """Print the newest seal, to be kept somewhere else: N:HEX."""
    newest = look_at(data, store, head, party)
    click.echo(f"{newest.seal}:{newest.chain}")


@audit.command("verify")
@DATA
@STORE
@click.option("--export", type=click.Path(path_type=Path), help="Check an exported file instead.")
@click.option("--anchor", type=_AnchorText(), help="A head that must be in the chain.")
@PARTY
def verify_chain(
    data: Path | None, store: str | None, export: Path | None, anchor: Anchor | None, party: str
) -> None:
    """Check every row of every party against its chain. An anchor is of one of them, and so
    is the head that is printed: of --party.

    \b
    Exit codes: 0 sound, 1 tampered with (the first bad row is named), 2 cannot
    tell: no such folder, not ours, another version.
    """
    try:
        if export is not None:
            found = _verify_file(export, anchor)
        else:
            found = asyncio.run(_verify_all(data, store, anchor, party))
    except StoreDamaged as wrong:
        click.echo(f"tampered: {wrong}")
        sys.exit(1)
    click.echo(_verdict(found))
    sys.exit(0 if found.sound else 1)


@audit.command("export")
@DATA
@STORE
@PARTY
@click.option("--out", type=click.Path(path_type=Path), help="A file.  [default: stdout]")
def export_chain(data: Path | None, store: str | None, party: str, out: Path | None) -> None:
    """Write seals, operations and entries as NDJSON, for `audit verify --export`."""

    def write_all(books: Books) -> int:
        count = 0
        with _output(out) as write:
            for line in _lines(books):
                write.write(line + b"\n")
                count += 1
        return count

    count = look_at(data, store, write_all, party)
    if out is not None:
        click.echo(f"{count} lines in {out}")


async def _verify_all(
    data: Path | None, store: str | None, anchor: Anchor | None, party: str
) -> Audit:
    """Every party's rows against its chain. Raises ConfigError where `party` is not kept there."""
    found: dict[str, Audit] = {}
    async with opened(data, store) as place:
        for kind in place.kinds:
            known = anchor if kind.name == party else None
            look = partial(verify, kinds=kind.rows, anchor=known)
            try:
                found[kind.name] = await place.ask(kind.name, look)
                await _require_whole(place, kind.name, found[kind.name])
            except StoreDamaged as wrong:
                raise StoreDamaged(f"{_of(kind.name)}{wrong}") from None
        if party not in found:
            await place.ask(party, head)  # says that it is not there
    bad = [replace(one.first_bad, party=name) for name, one in found.items() if one.first_bad]
    counted = ("seals", "rows")
    return Audit(
        sound=not bad,
        head=found[party].head,
        checked={what: sum(one.checked[what] for one in found.values()) for what in counted},
        first_bad=bad[0] if bad else None,
    )


async def _require_whole(place: Place, party: str, audit: Audit) -> None:
    """Raises StoreDamaged where rows are sound, and what finds them is not (QLT-05)."""
    damage = await place.damage(party) if audit.sound else None
    if damage is not None:
        raise StoreDamaged(f"the file is damaged: {damage}")


def _of(party: str) -> str:
    """Whose it is, where it is not the leading one's."""
    return "" if party in ("", WALLET.name) else f"{party}: "


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
            return verify_export(
                lines, sorted({row.TABLE for kind in PARTIES for row in kind.rows}), anchor
            )
    except OSError as wrong:
        raise ConfigError(f"--export {path}: cannot be read ({wrong.strerror})") from None


def _verdict(found: Audit) -> str:
    bad = found.first_bad
    if bad is None:
        counts = f"{found.checked['seals']} seals, {found.checked['rows']} rows"
        return f"sound: {counts}, head {found.head.seal}:{found.head.chain}"
    name = f" ({bad.name})" if bad.name else ""
    says = f"; seal {bad.seal} says what it was" if bad.seal and bad.table != "seal" else ""
    return f"tampered: {_of(bad.party)}{bad.table} {bad.position}{name} {bad.message}{says}"
