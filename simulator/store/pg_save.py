"""Writing what a batch has decided: a few statements for all of its rows, in an order that keeps
two batches from waiting for each other in a circle."""

from collections.abc import Iterable, Sequence

import msgspec

from simulator.store import pg_statements, statements
from simulator.store.pg_statements import Types
from simulator.store.pg_unit import Change, Known
from simulator.store.postgres import Connection
from simulator.store.rows import Op, Row, Value
from simulator.store.seal import leaf_of

_ADD_UNSEALED = "INSERT INTO unsealed (ops, leaves) VALUES ($1, $2)"
_pack = msgspec.msgpack.Encoder().encode


class Overtaken(Exception):
    """A row has changed since it was read: the batch decides again."""


async def save(
    connection: Connection, known: Known, types: Types, kinds: Sequence[type[Row]]
) -> None:
    """Send rows into the open transaction, but for what is added to shared sums: those come last
    of all, in `finish`. Raises Overtaken."""
    inserts, known.inserts = known.inserts, []
    changes, known.changes = known.changes, []
    for kind in kinds:  # what is referred to comes first
        rows = [row for row in inserts if type(row) is kind]
        if rows:
            # By key, so that two batches with the same new keys meet in one direction.
            values = sorted((_values(row) for row in rows), key=lambda columns: columns[0] or b"")
            await copy(connection, kind, values)
    for kind in kinds:
        changed = [change for change in _merged(changes) if type(change.after) is kind]
        plain = [change for change in changed if not change.after.summed]
        known.changes += [change for change in changed if change.after.summed]
        if plain:
            await _update(connection, kind, types, plain)
            known.leaves += [(kind.TABLE, c.after.n, leaf_of(c.after)) for c in plain]
    for row in inserts:
        known.leaves.append((row.TABLE, row.n, leaf_of(row)))
        if isinstance(row, Op):
            known.ops.append(row.n)


async def copy(
    connection: Connection, kind: type[Row], values: Sequence[tuple[Value, ...]]
) -> None:
    """Insert rows by COPY: a quarter of the driver's work for arrays of columns (measured)."""
    await connection.copy_records_to_table(
        kind.TABLE, records=values, columns=pg_statements.insert_columns(kind)
    )


async def finish(
    connection: Connection, known: Known, types: Types, kinds: Sequence[type[Row]]
) -> bool:
    """Send everything that is left, and what the sealer needs. False if there was nothing at all.

    Raises Overtaken.
    """
    await save(connection, known, types, kinds)
    shared, known.changes = _merged(known.changes), []
    if not (shared or known.leaves):
        return False
    for kind in kinds:
        changed = [change for change in shared if type(change.after) is kind]
        if changed:
            await _add(connection, known, kind, types, changed)
    known.ops.sort()
    await connection.execute(_ADD_UNSEALED, known.ops, _pack(known.leaves))
    return True


async def _update(
    connection: Connection, kind: type[Row], types: Types, changes: Sequence[Change]
) -> None:
    values = [
        (c.after.n, *(getattr(row, name) for row in (c.after, c.before) for name in kind.CHANGES))
        for c in changes
    ]
    done = await connection.execute(pg_statements.update(kind, types), *_columns(values))
    if done != f"UPDATE {len(changes)}":
        raise Overtaken(f"{done} of {len(changes)} in {kind.TABLE}")


async def _add(
    connection: Connection,
    known: Known,
    kind: type[Row],
    types: Types,
    changes: Sequence[Change],
) -> None:
    values = [
        (c.after.n, *(getattr(c.after, name) - getattr(c.before, name) for name in kind.CHANGES))
        for c in changes
    ]
    if len(values) > 1:
        positions = [columns[0] for columns in values]
        await connection.execute(pg_statements.lock_positions(kind), positions)
    now = await connection.fetch(pg_statements.add(kind, types), *_columns(values))
    if len(now) != len(changes):
        raise Overtaken(f"{len(now)} of {len(changes)} in {kind.TABLE}")
    for found in now:
        row = msgspec.convert(tuple(found), kind)
        known.leaves.append((kind.TABLE, row.n, leaf_of(row)))
        known.rows_read[kind, kind.identify(row)] = row


def _merged(changes: Iterable[Change]) -> list[Change]:
    """One change for each row, from what it was first to what it is last, by position."""
    merged: dict[tuple[type[Row], int], Change] = {}
    for change in changes:
        slot = (type(change.after), change.after.n)
        first = merged.get(slot, change)
        merged[slot] = Change(first.before, change.after)
    return sorted(merged.values(), key=lambda change: change.after.n)


def _values(row: Row) -> tuple[Value, ...]:
    columns = msgspec.structs.astuple(row)
    if not row.NAMED_BY:
        return columns
    identity = row.identity
    return (None if identity is None else statements.key_bytes(identity), *columns)


def _columns(values: Sequence[tuple[Value, ...]]) -> list[list[Value]]:
    return [list(column) for column in zip(*values, strict=True)]
