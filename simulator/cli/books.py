"""The books of a data folder or of a database, for commands that look at them beside a server."""

import asyncio
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from simulator.base.errors import ConfigError
from simulator.kept import read_schemas
from simulator.parties import WALLET
from simulator.settings import Settings
from simulator.store.pg_schema import SCHEMA
from simulator.store.reading import Books, reading

T = TypeVar("T")

FILE = f"{WALLET.name}.db"
"""The file in a data folder that holds the wallet's store."""

_MADE = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)"

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="The data folder; a server may be writing it.  [default: .]",
)
STORE = click.option(
    "--store",
    metavar="URL",
    help="A PostgreSQL database instead, postgresql://…; servers may be writing it.",
)


def look_at(data: Path | None, store: str | None, look: Callable[[Books], T]) -> T:
    """Run what reads whole tables, all of one moment.

    Raises ConfigError for a place that is not there, not ours, or of another version.
    """
    Settings(data=data, store=store)  # refuses both at once, and what is no database's address
    if store is not None:
        return asyncio.run(_look_in_postgres(store, look))
    with reading((data or Path()) / FILE) as books:
        return look(books)


async def _look_in_postgres(url: str, look: Callable[[Books], T]) -> T:
    """What no server has sealed yet is sealed first, as any would; nothing else is written."""
    try:
        postgres, sealers, readers = (
            importlib.import_module(f"simulator.store.{name}")
            for name in ("postgres", "pg_sealer", "pg_queries")
        )
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"--store postgresql://… needs {missing.name}: pip install 'playmoney[postgres]'"
        ) from None
    database = postgres.Postgres(url, read_schemas(WALLET), WALLET.rows)
    await _require_made(postgres, database)
    await database.open()
    sealer = sealers.Sealer(database)
    queries = readers.PgQueries(database, sealer)
    try:
        found: T = await queries.audit(look)
        return found
    finally:
        await queries.close()
        await sealer.close()


async def _require_made(postgres: Any, database: Any) -> None:
    """To open a database makes its tables; a command that only looks makes none."""
    try:
        connection = await database.connect(postgres.BY_NAME)
    except (*postgres.ERRORS, ValueError) as wrong:
        raise ConfigError(f"--store {database.name}: cannot connect: {wrong}") from None
    try:
        made = await connection.fetchval(_MADE, SCHEMA)
    finally:
        await postgres.close(connection)
    if not made:
        raise ConfigError(
            f"--store {database.name}: there is no world in it; "
            "name a database that `playmoney serve --store` made"
        )
