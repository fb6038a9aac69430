"""Schema versions: an older file is brought to the present one, all of it or nothing.

`STEPS` leads from each version to the next. The last step ends in the schema files as they are now;
whoever adds another freezes what this one led to (`tests/data` has the versions that were).
"""

from collections.abc import Callable, Collection, Mapping, Sequence

import apsw

from simulator.base.errors import ConfigError, StoreError
from simulator.store.rows import Row
from simulator.store.statements import columns
from simulator.store.step_2 import to_2

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


def require_columns(
    name: str, kinds: Sequence[type[Row]], found: Mapping[str, Collection[str]]
) -> None:
    """The version says yes; the catalogue (table → columns) is believed. Raises ConfigError.

    Between releases tables may differ under one version.
    """
    for kind in kinds:
        there = found.get(kind.TABLE, ())
        missing = [column for column in columns(kind) if column not in there]
        if missing:
            lacks = f"its table {kind.TABLE} has no {', '.join(missing)}"
            raise ConfigError(
                f"{name}: {lacks if there else f'it has no table {kind.TABLE}'}: it was made by "
                "another build of playmoney; name another one, or go on with that build"
            )


def _require_references(connection: apsw.Connection) -> None:
    for table, position, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        raise apsw.ConstraintError(f"{table} {position} refers to a {parent} that does not exist")


STEPS: dict[int, Step] = {1: to_2}
"""From each version to the next."""
