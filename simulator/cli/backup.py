"""`playmoney backup` and `playmoney restore`: a world in one file, and back (JP-81)."""

import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from simulator import __version__
from simulator.base.clock import iso, stopwatch_ns
from simulator.base.errors import ConfigError, StoreDamaged
from simulator.ledger.audit import Anchor, head, verify
from simulator.parties import PARTIES
from simulator.store.folder import DataFolder
from simulator.store.instant import copy_to, one_instant
from simulator.store.migrate import SCHEMA_VERSION
from simulator.store.reading import Reading, reading
from simulator.wire import json

MANIFEST = "manifest.json"

FORM = 1
"""Of the file; a higher one is of a newer playmoney."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One party's store: its bytes, its newest operation, and the head of its audit chain."""

    bytes: int
    sha256: str
    operations: int
    seal: int
    chain: str
    last_at: str | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup holds; it is the first member of the file."""

    form: int
    playmoney: str
    schema_version: int
    generation: str
    parts: dict[str, Part]


DATA = click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="The data folder."
)


@click.command()
@DATA
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, help="A new file.")
def backup(data: Path, file: Path) -> None:
    """Put a data folder into one file; a server may be writing it.

    Every party's store is of the same instant. Writers wait for some milliseconds.

    \b
    Exit codes: 0 done, 2 could not.
    """
    if file.exists():
        raise ConfigError(f"--to {file}: is there already; a backup is never overwritten")
    began_ns = stopwatch_ns()
    with _aside(file.parent, file.name) as folder:
        manifest = _copy(data, folder)
        held_s = (stopwatch_ns() - began_ns) / 1e9
        beside = folder / "whole"
        with tarfile.open(beside, "w", format=tarfile.PAX_FORMAT) as tar:
            _add(tar, MANIFEST, folder, json.encode(manifest))
            for name in manifest.parts:
                _add(tar, f"{name}.db", folder)
        _sync(beside)
        try:
            os.link(beside, file)  # fails where somebody else has made it meanwhile
        except FileExistsError:
            raise ConfigError(f"--to {file}: is there already") from None
        _sync(file.parent)
    operations = sum(part.operations for part in manifest.parts.values())
    size = sum(part.bytes for part in manifest.parts.values())
    click.echo(
        f"backup: {operations} operations of {len(manifest.parts)} parties, {size} bytes, "
        f"copied in {held_s:.2f} s, to {file}"
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@DATA
def restore(file: Path, data: Path) -> None:
    """Make a data folder of a backup; the folder must be new, or empty.

    Bytes, versions and the whole audit chain are checked before anything is put in its
    place.

    \b
    Exit codes: 0 done, 1 the backup is damaged or was tampered with, 2 could not.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise ConfigError(f"--data {data}: is not empty; a world is never overwritten")
    began_ns = stopwatch_ns()
    data.parent.mkdir(parents=True, exist_ok=True)
    with _aside(data.parent, data.name) as folder:
        whole = folder / "world"
        whole.mkdir()
        try:
            manifest = _unpack(file, whole)
            rows = sum(_check(whole, name, part) for name, part in manifest.parts.items())
            _require_one_world(whole, manifest)
        except StoreDamaged as wrong:
            click.echo(f"damaged: {wrong}")
            sys.exit(1)
        for path in whole.iterdir():
            _sync(path)
        DataFolder(whole).close()  # the lock that a server takes
        _sync(whole)
        whole.replace(data)
        _sync(data.parent)
    took_s = (stopwatch_ns() - began_ns) / 1e9
    click.echo(f"restored: {rows} rows of {len(manifest.parts)} parties, in {took_s:.2f} s")


# Making one ---------------------------------------------------------------------------------------


def _copy(data: Path, folder: Path) -> Manifest:
    """Copies of every party's store, of one instant."""
    names = [kind.name for kind in PARTIES if (data / f"{kind.name}.db").exists()]
    if PARTIES[0].name not in names:
        raise ConfigError(f"--data {data}: there is no world in it")
    with one_instant({name: data / f"{name}.db" for name in names}) as stores:
        generations = {
            name: _fact(Reading(one, name), "generation") for name, one in stores.items()
        }
        if len(set(generations.values())) > 1:
            raise ConfigError(f"--data {data}: a reset is under way; try again")
        for name, one in stores.items():
            copy_to(one, folder / f"{name}.db")
    return Manifest(
        form=FORM,
        playmoney=__version__,
        schema_version=SCHEMA_VERSION,
        generation=generations[names[0]],
        parts={name: _part(folder / f"{name}.db") for name in names},
    )


def _part(path: Path) -> Part:
    with reading(path) as books:
        newest = head(books)
        ((count,),) = books.rows("SELECT coalesce(max(n), 0) FROM op")
        last = books.rows("SELECT at_ns FROM op ORDER BY n DESC LIMIT 1")
    return Part(
        bytes=path.stat().st_size,
        sha256=_digest(path),
        operations=int(count),
        seal=newest.seal,
        chain=newest.chain,
        last_at=iso(last[0][0]) if last else None,
    )


def _add(tar: tarfile.TarFile, name: str, folder: Path, text: bytes | None = None) -> None:
    path = folder / name
    if text is not None:
        path.write_bytes(text)
    tar.add(path, arcname=name)


# Taking one back ----------------------------------------------------------------------------------


def _unpack(file: Path, folder: Path) -> Manifest:
    """The files of a backup, each as its manifest says. Raises ConfigError, StoreDamaged."""
    try:
        with tarfile.open(file, "r:") as tar:
            first = tar.next()
            text = None if first is None or first.name != MANIFEST else tar.extractfile(first)
            if text is None:
                raise ConfigError(f"{file} is no backup: it does not begin with {MANIFEST}")
            manifest = _manifest(file, text.read())
            for name in manifest.parts:
                member = tar.extractfile(f"{name}.db")
                if member is None:
                    raise StoreDamaged(f"{name}.db is no file")
                with (folder / f"{name}.db").open("wb") as out:
                    shutil.copyfileobj(member, out)
    except OSError as wrong:
        raise ConfigError(f"{file} cannot be read: {wrong.strerror}") from None
    except KeyError as missing:
        raise StoreDamaged(f"{missing.args[0]}") from None
    except tarfile.TarError as wrong:
        raise StoreDamaged(f"{file} is no whole backup: {wrong}") from None
    return manifest


def _manifest(file: Path, text: bytes) -> Manifest:
    """What a file says that it is. Raises ConfigError for one of another version."""
    try:
        manifest = msgspec.convert(json.decode(text), Manifest)
    except (json.NotJson, msgspec.ValidationError) as wrong:
        raise StoreDamaged(f"{MANIFEST} cannot be read: {wrong}") from None
    if manifest.form != FORM or manifest.schema_version != SCHEMA_VERSION:
        raise ConfigError(
            f"{file} was made by playmoney {manifest.playmoney} (form {manifest.form}, schema "
            f"{manifest.schema_version}); this one reads form {FORM}, schema {SCHEMA_VERSION}: "
            "restore it with the one that has made it, and let the new one open the folder"
        )
    known = {kind.name for kind in PARTIES}
    if PARTIES[0].name not in manifest.parts or not known >= manifest.parts.keys():
        raise StoreDamaged(f"{MANIFEST} names {', '.join(sorted(manifest.parts))}")
    return manifest


def _check(folder: Path, name: str, part: Part) -> int:
    """How many rows one party's store has, all of them sealed. Raises StoreDamaged."""
    path = folder / f"{name}.db"
    if (path.stat().st_size, _digest(path)) != (part.bytes, part.sha256):
        raise StoreDamaged(f"{name}.db is not what was backed up: its digest is another")
    kinds = next(kind.rows for kind in PARTIES if kind.name == name)
    with reading(path) as books:
        if (damage := books.damage()) is not None:
            raise StoreDamaged(f"{name}.db: {damage}")
        if books.rows("PRAGMA foreign_key_check"):
            raise StoreDamaged(f"{name}.db: a row refers to one that does not exist")
        audit = verify(books, kinds, Anchor(part.seal, bytes.fromhex(part.chain)))
    if audit.first_bad is not None:
        bad = audit.first_bad
        raise StoreDamaged(f"{name}.db: {bad.table} {bad.position} {bad.message}")
    return audit.checked["rows"]


def _require_one_world(folder: Path, manifest: Manifest) -> None:
    """Raises StoreDamaged where a store is of another world than the leading one."""
    for name in manifest.parts:
        with reading(folder / f"{name}.db") as books:
            if _fact(books, "generation") != manifest.generation:
                raise StoreDamaged(f"{name}.db is of another generation of the world")


# ------------------------------------------------------------------------------------------------


def _fact(books: Reading, name: str) -> str:
    found = books.rows("SELECT value FROM fact WHERE name = $1", (name,))
    return str(found[0][0]) if found else ""


def _digest(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


@contextmanager
def _aside(parent: Path, name: str) -> Iterator[Path]:
    """A folder beside what is made, on the same file system; gone afterwards, whatever happens."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=parent))
    except OSError as wrong:
        raise ConfigError(f"{parent}: cannot be written ({wrong.strerror})") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    """Let what was written survive a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
