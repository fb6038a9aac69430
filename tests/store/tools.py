"""What the tests of store and ledger share: a store without a server, and decisions in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from simulator.base.clock import SimClock
from simulator.base.ids import digest16
from simulator.kept import read_schemas
from simulator.parties import WALLET
from simulator.server.clients import BRANDS
from simulator.server.owner import owner
from simulator.store.sqlite import Database
from simulator.store.unit import Unit
from simulator.wallet.operations import ROWS
from simulator.wallet.rows import Player

CALLER = owner(BRANDS["brand-42"], "tr_store")
SCHEMAS = read_schemas(WALLET)

Run = Callable[[], object]


def open_database(path: Path | None = None) -> Database:
    """A wallet's store, in memory unless a path is given."""
    return Database(path, SCHEMAS, ROWS)


def open_unit(path: Path | None = None) -> Unit:
    """A wallet's store behind its unit of work, its clock frozen."""
    return Unit(open_database(path), ROWS, SimClock())


@contextmanager
def decision(unit: Unit, key: str, answer: bytes = b"{}") -> Iterator[Unit]:
    """One decision under a key: remembered at the end of the block, undone where it raises."""
    unit.begin(CALLER, digest16("test", key), key)
    unit.lock(Player, (CALLER.tenant, "p"))
    try:
        yield unit
    except Exception:
        unit.undo()
        raise
    unit.remember("test", digest16(key), 200, answer)


def commit(unit: Unit) -> None:
    """End the batch: every law of the schema is asked now."""
    unit.spill()
    if unit.database.writer.in_transaction:
        unit.database.commit()


def dump(source: Database | apsw.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the writer's connection sees them."""
    connection = source.writer if isinstance(source, Database) else source
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        str(table): connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
        for (table,) in tables
    }


def at_commit(database: Database, run: Run) -> None:
    """Run this in the thread that commits, just before each COMMIT of this connection."""

    def trace(_cursor: Any, text: str, _values: Any) -> bool:
        if text == "COMMIT":
            run()
        return True

    database.writer.exec_trace = trace
