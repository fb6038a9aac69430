"""Schema versions: an older file is brought to the present one, all of it or nothing.

`STEPS` leads from each version to the next. The last step ends in the schema files as they are now;
whoever adds another freezes what this one led to (`tests/data` has the versions that were).
"""

from collections.abc import Callable, Sequence

import apsw

from simulator.base.errors import ConfigError, StoreError
from simulator.store import statements
from simulator.store.rows import Row, Seal
from simulator.store.seal import Leaf, leaf_of_values, seal_of_leaves

SCHEMA_VERSION = 2

Step = Callable[[apsw.Connection, Sequence[str], Sequence[type[Row]]], None]


def migrate(
    connection: apsw.Connection, name: str, schemas: Sequence[str], kinds: Sequence[type[Row]]
) -> None:
    """Bring a database up to `SCHEMA_VERSION`, in one transaction.

    Raises ConfigError for a version that no step leads from, StoreError where a step fails; the
    file is then as it was.
    """
    version = int(connection.pragma("user_version"))
    if version == SCHEMA_VERSION:
        return
    if version not in STEPS:
        raise ConfigError(refusal(name, version))
    connection.pragma("foreign_keys", 0)  # tables are replaced; all references are checked below
    try:
        connection.execute("BEGIN IMMEDIATE")
        for step in range(version, SCHEMA_VERSION):
            STEPS[step](connection, schemas, kinds)
        _require_references(connection)
        connection.pragma("user_version", SCHEMA_VERSION)
        connection.execute("COMMIT")
    except apsw.Error as wrong:
        raise StoreError(
            f"{name} could not be brought from schema version {version} to {SCHEMA_VERSION}, "
            f"and is as it was: {wrong}"
        ) from wrong
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.pragma("foreign_keys", 1)


def refusal(name: str, version: int) -> str:
    """What to say of a file that is not of the present version."""
    if version > SCHEMA_VERSION:
        advice = "it was written by a newer one, install that"
    elif version in STEPS:
        advice = "start a server with it once, which brings it up to date"
    else:
        advice = "there is no way from that version"
    return (
        f"{name} has schema version {version}; this playmoney reads version {SCHEMA_VERSION}: "
        f"{advice}"
    )


def _require_references(connection: apsw.Connection) -> None:
    for table, position, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        raise apsw.ConstraintError(f"{table} {position} refers to a {parent} that does not exist")


# 1 → 2: the audit chain --------------------------------------------------------------------------

_NEW_IN_2 = {
    "fact": {"k": "key_of(name)", "n": "row_number() OVER (ORDER BY name)"},
}
"""Columns that version 1 did not have and that have no default, as an expression over its row."""


def _to_2(connection: apsw.Connection, schemas: Sequence[str], kinds: Sequence[type[Row]]) -> None:
    """Facts get a position, every table its present laws; then all there is becomes one batch."""
    connection.create_scalar_function("key_of", lambda *key: statements.key_bytes(key))
    _rebuild(connection, schemas, _NEW_IN_2)
    leaves: list[Leaf] = []
    for kind in kinds:
        text = f"SELECT {', '.join(statements.columns(kind))} FROM {kind.TABLE} ORDER BY n"
        leaves += [
            (kind.TABLE, values[0], leaf_of_values(kind.TABLE, values))
            for values in connection.execute(text)
        ]
    if leaves:
        last = {
            kind.TABLE: int(connection.execute(statements.last_position(kind)).get)
            for kind in kinds
        }
        seal = seal_of_leaves(None, last, leaves)
        values = (seal.n, seal.positions, seal.leaves, seal.root, seal.chain)
        connection.execute(statements.insert(Seal), values)


def _rebuild(
    connection: apsw.Connection, schemas: Sequence[str], new: dict[str, dict[str, str]]
) -> None:
    """Every table as the schemas have it now, with the rows that it had."""
    tables = _names(connection, "table")
    connection.pragma("legacy_alter_table", 1)  # references keep the names they have
    for kind in ("trigger", "index"):
        for name in _names(connection, kind):
            connection.execute(f"DROP {kind} {name}")
    for table in tables:
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    for schema in schemas:
        connection.execute(schema)
    for table in tables:
        wanted = _columns(connection, table)
        taken = {name: name for name in _columns(connection, f"{table}_before") if name in wanted}
        taken |= new.get(table, {})
        connection.execute(
            f"INSERT INTO {table} ({', '.join(taken)}) "
            f"SELECT {', '.join(taken.values())} FROM {table}_before"
        )
        connection.execute(f"DROP TABLE {table}_before")
    connection.pragma("legacy_alter_table", 0)


def _names(connection: apsw.Connection, kind: str) -> list[str]:
    text = "SELECT name FROM sqlite_schema WHERE type = $1 AND sql IS NOT NULL"
    return [str(name) for (name,) in connection.execute(text, (kind,))]


def _columns(connection: apsw.Connection, table: str) -> list[str]:
    text = "SELECT name FROM pragma_table_info($1)"
    return [str(name) for (name,) in connection.execute(text, (table,))]


STEPS: dict[int, Step] = {1: _to_2}
"""From each version to the next."""
