"""A store with three rows of every kind, and every way to forge one of them by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from simulator.ledger.audit import Anchor, verify
from simulator.store import statements
from simulator.store.reading import reading
from simulator.store.rows import Row, Seal
from simulator.store.unit import Unit
from simulator.wallet.operations import ROWS
from simulator.wire.control import Audit
from tests.store.tools import CALLER, commit, open_database, open_unit

ROWS_OF_A_KIND = 3
FORGED = {"INTEGER": "4141", "TEXT": "'forged'", "BLOB": "x'f07d'"}


@contextmanager
def unguarded(path: Path) -> Iterator[apsw.Connection]:
    """A connection to a file whose triggers, indexes, CHECKs and foreign keys are gone."""
    connection = apsw.Connection(str(path))
    take_guards(connection)
    yield connection
    connection.close()


def take_guards(connection: apsw.Connection) -> None:
    connection.pragma("foreign_keys", 0)
    connection.pragma("ignore_check_constraints", 1)
    guards = connection.execute(
        "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'index') "
        "AND sql IS NOT NULL"
    ).fetchall()
    for kind, name in guards:
        connection.execute(f"DROP {kind} {name}")


def fill(path: Path) -> None:
    """Rows of every kind in batches of their own, each of which changes what it can of an earlier
    one; nothing in them means anything."""
    unit = open_unit(path)
    take_guards(unit.database.writer)
    for kind in ROWS:
        made: list[Row] = []
        for i in range(1, ROWS_OF_A_KIND + 1):
            unit.begin(CALLER, b"k", None)
            unit._rooted = True
            if made and kind.CHANGES:
                unit.put(made[0].but(**{name: _value(kind, name, 90 + i) for name in kind.CHANGES}))
            made.append(_write(unit, kind, i))
            commit(unit)
    unit.database.close()


def _write(unit: Unit, kind: type[Row], i: int) -> Row:
    row = kind(**{name: _value(kind, name, i) for name in statements.columns(kind) if name != "n"})
    return unit.put(row) if kind.CHANGES else unit.append(row)


def _value(kind: type[Row], name: str, i: int) -> Any:
    held, _ = COLUMNS[kind.TABLE][name]
    return {"INTEGER": 100 + i, "TEXT": f"{name}-{i}", "BLOB": f"{name}-{i}".encode()}[held]


def _columns(table: str) -> dict[str, tuple[str, bool]]:
    """Column → its type, and whether it may be NULL."""
    found = SCHEMA.rows('SELECT name, type, "notnull" FROM pragma_table_info($1)', (table,))
    return {name: (held, not required) for name, held, required in found}


def _taken_once(table: str) -> set[str]:
    """The columns of which the table itself takes a value once."""
    found = SCHEMA.rows(
        "SELECT c.name FROM pragma_index_list($1) i, pragma_index_info(i.name) c "
        "WHERE i.origin = 'u'",
        (table,),
    )
    return {name for (name,) in found}


SCHEMA = open_database()
KINDS: tuple[type[Row], ...] = (*ROWS, Seal)
COLUMNS = {kind.TABLE: _columns(kind.TABLE) for kind in KINDS}


@dataclass(frozen=True)
class Forgery:
    """Statements that forge the second row of a kind, and the position of the first bad row."""

    kind: type[Row]
    what: str
    statements: tuple[str, ...]
    position: int = 2

    def __str__(self) -> str:
        return f"{self.kind.TABLE} {self.what}"


def forgeries(kind: type[Row]) -> Iterator[Forgery]:
    """Every column changed, a row deleted, copied, put at odd places, two swapped."""
    table = kind.TABLE
    for name, (held, optional) in COLUMNS[table].items():
        values = [FORGED[held]] + (["NULL"] if optional and name != "n" else [])
        for value in values:
            change = f"UPDATE {table} SET {name} = {value} WHERE n = 2"
            yield Forgery(kind, f"{name} = {value}", (change,))
    yield Forgery(kind, "deleted", (f"DELETE FROM {table} WHERE n = 2",))
    last = ROWS_OF_A_KIND * (len(ROWS) if kind is Seal else 1)
    for n in (last + 1, 10**12, 2**63 - 1, 0, -5, -(2**63)):
        # Of seals, the first that a gap in their numbers shows is the one that is not there.
        found = min(n, last + 1) if kind is Seal else n
        yield Forgery(kind, f"copied to {n}", (_copy(table, n),), found)
    yield Forgery(
        kind,
        "swapped with the next",
        (
            f"UPDATE {table} SET n = -1 WHERE n = 2",
            f"UPDATE {table} SET n = 2 WHERE n = 3",
            f"UPDATE {table} SET n = 3 WHERE n = -1",
        ),
    )


def _copy(table: str, n: int) -> str:
    """The second row again; what the schema itself lets nobody give twice is left out."""
    taken = {name: name for name in COLUMNS[table] if name not in _taken_once(table)}
    taken["n"] = str(n)
    if "k" in COLUMNS[table]:
        taken["k"] = "zeroblob(16)"
    columns, values = ", ".join(taken), ", ".join(taken.values())
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE n = 2"


def audited(path: Path, anchor: Anchor | None = None) -> Audit:
    """What an audit finds in a file."""
    with reading(path) as books:
        return verify(books, ROWS, anchor)


EVERY = [forgery for kind in KINDS for forgery in forgeries(kind)]
