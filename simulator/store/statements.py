"""The store's few statements, one text for SQLite and PostgreSQL, made from the rows' columns.

Parameters are `$1`, `$2`, … in order of first appearance: SQLite numbers them so.
"""

from functools import cache, lru_cache

from simulator.base.ids import digest16_of
from simulator.store.rows import Key, Row, Value
from simulator.store.tx import Query


@cache
def columns(kind: type[Row]) -> tuple[str, ...]:
    """The columns of a kind, in the order of its fields."""
    return kind.__struct_fields__


@cache
def select_by_key(kind: type[Row]) -> str:
    """Parameter: the 16 bytes of the key."""
    return f"SELECT {', '.join(columns(kind))} FROM {kind.TABLE} WHERE k = $1"


@cache
def select_by_position(kind: type[Row]) -> str:
    """Parameter: the position."""
    return f"SELECT {', '.join(columns(kind))} FROM {kind.TABLE} WHERE n = $1"


@cache
def last_position(kind: type[Row]) -> str:
    """The highest position in use, 0 for an empty table."""
    return f"SELECT coalesce(max(n), 0) FROM {kind.TABLE}"


@cache
def last_positions(kinds: tuple[type[Row], ...]) -> str:
    """The highest positions in use of several kinds, as the columns of one row."""
    return "SELECT " + ", ".join(f"({last_position(kind)})" for kind in kinds)


@cache
def insert(kind: type[Row]) -> str:
    """Parameters: `k` where the kind is named, then every column."""
    names = (("k",) if kind.NAMED_BY else ()) + columns(kind)
    marks = ", ".join(f"${i}" for i in range(1, len(names) + 1))
    return f"INSERT INTO {kind.TABLE} ({', '.join(names)}) VALUES ({marks})"


@cache
def update(kind: type[Row]) -> str:
    """Parameters: the columns that may change, then `n`."""
    changes = ", ".join(f"{name} = ${i}" for i, name in enumerate(kind.CHANGES, 1))
    return f"UPDATE {kind.TABLE} SET {changes} WHERE n = ${len(kind.CHANGES) + 1}"


def page(query: Query, after: int | None, limit: int) -> tuple[str, tuple[Value, ...]]:
    """The statement for one page of a query, and its parameters."""
    values: list[Value] = []
    terms: list[str] = []
    for column, operator, value in query.where:
        values.append(value)
        terms.append(f"{column} {operator} ${len(values)}")
    if after is not None:
        values.append(after)
        terms.append(f"n {'<' if query.newest_first else '>'} ${len(values)}")
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    values.append(limit)
    order = "n DESC" if query.newest_first else "n"
    text = (
        f"SELECT {', '.join(columns(query.kind))} FROM {query.kind.TABLE}{where} "
        f"ORDER BY {order} LIMIT ${len(values)}"
    )
    return text, tuple(values)


@lru_cache(maxsize=4096)
def key_bytes(key: Key) -> bytes:
    """The 16 bytes that stand for a key in the index: short, so that its pages stay few.

    Remembered, because what a decision looks up in vain it mostly writes a moment later.
    """
    return digest16_of(key)
