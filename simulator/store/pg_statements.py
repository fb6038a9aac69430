"""The statements of a batch on PostgreSQL: many rows each, where SQLite is asked for one at a time.

Parameters are `$1`, `$2`, … in order of first appearance, here arrays: one for each column.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from simulator.store import statements
from simulator.store.rows import Row

Types = Mapping[str, Mapping[str, str]]
"""Table → column → type, as the database's own catalogue has them."""

BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""Everything that is read in it is of one moment."""


@cache
def select_by_keys(kind: type[Row]) -> str:
    """Parameter: the keys, 16 bytes each."""
    return statements.select_by_key(kind).replace("k = $1", "k = ANY($1::bytea[])")


@cache
def select_by_positions(kind: type[Row]) -> str:
    """Parameter: the positions."""
    return statements.select_by_position(kind).replace("n = $1", "n = ANY($1::bigint[])")


@cache
def lock(kind: type[Row], *, wait: bool) -> str:
    """Parameter: the keys. Locks are taken in the order of the keys, so that two batches wait for
    each other in one direction only."""
    how = "" if wait else " SKIP LOCKED"
    return f"SELECT k FROM {kind.TABLE} WHERE k = ANY($1::bytea[]) ORDER BY k FOR UPDATE{how}"


def draw(kinds: Sequence[type[Row]]) -> str:
    """Parameters: how many positions for each of some kinds. They come in order."""
    return " UNION ALL ".join(
        f"SELECT {i - 1}, nextval('{kind.TABLE}_n') FROM generate_series(1, ${i}::bigint)"
        for i, kind in enumerate(kinds, 1)
    )


@cache
def insert_columns(kind: type[Row]) -> tuple[str, ...]:
    """`k` where the kind is named, then every column."""
    return (("k",) if kind.NAMED_BY else ()) + statements.columns(kind)


def update(kind: type[Row], types: Types) -> str:
    """Parameters: `n`, what the columns become, what they were. A row that is not what it was any
    more stays as it is, and is not counted."""
    old = [f"old_{name}" for name in kind.CHANGES]
    same = " AND ".join(
        f"t.{name} IS NOT DISTINCT FROM d.{was}"
        for name, was in zip(kind.CHANGES, old, strict=True)
    )
    changes = ", ".join(f"{name} = d.{name}" for name in kind.CHANGES)
    given = _given(kind, types, times=2)
    return (
        f"UPDATE {kind.TABLE} AS t SET {changes} "
        f"FROM unnest({given}) AS d(n, {', '.join((*kind.CHANGES, *old))}) "
        f"WHERE t.n = d.n AND {same}"
    )


@cache
def lock_positions(kind: type[Row]) -> str:
    """Parameter: positions, locked in their order."""
    return f"SELECT n FROM {kind.TABLE} WHERE n = ANY($1::bigint[]) ORDER BY n FOR NO KEY UPDATE"


def add(kind: type[Row], types: Types) -> str:
    """Parameters: `n`, then how much is added to each column. Answers what they are now."""
    changes = ", ".join(f"{name} = t.{name} + d.{name}" for name in kind.CHANGES)
    given = _given(kind, types, times=1)
    now = ", ".join(f"t.{name}" for name in statements.columns(kind))
    return (
        f"UPDATE {kind.TABLE} AS t SET {changes} "
        f"FROM unnest({given}) AS d(n, {', '.join(kind.CHANGES)}) "
        f"WHERE t.n = d.n RETURNING {now}"
    )


def _given(kind: type[Row], types: Types, *, times: int) -> str:
    names = ("n", *kind.CHANGES * times)
    return ", ".join(_array(i, types[kind.TABLE][name]) for i, name in enumerate(names, 1))


def _array(number: int, column_type: str) -> str:
    return f"${number}::{column_type}[]"
