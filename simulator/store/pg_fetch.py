"""Reading what decisions have asked for: for all of them at once, one statement for each kind."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from simulator.store import pg_statements, statements
from simulator.store.pg_schema import FEED
from simulator.store.pg_unit import Known
from simulator.store.postgres import Connection
from simulator.store.rows import Op, Row
from simulator.store.tx import Query

R = TypeVar("R", bound=Row)
T = TypeVar("T")


async def read(connection: Connection, known: Known) -> None:
    """Read everything that is wanted, and want nothing any more but locks and positions."""
    wants = known.wants
    slots, wants.rows = wants.rows, set()
    for kind, names in _by_kind(slots).items():
        keys = [statements.key_bytes(key) for _, key in names]
        found = await connection.fetch(pg_statements.select_by_keys(kind), keys)
        known.learn_rows(names, rows_of(kind, found))
    places, wants.places = wants.places, set()
    for kind, asked in _by_kind(places).items():
        positions = [position for _, position in asked]
        found = await connection.fetch(pg_statements.select_by_positions(kind), positions)
        known.learn_places(asked, rows_of(kind, found))
    pages, wants.pages = wants.pages, []
    for page in pages:
        text, values = page_statement(*page)
        found = await connection.fetch(text, *values)
        known.learn_page(page, rows_of(page[0].kind, found))


async def draw(connection: Connection, known: Known) -> None:
    """Draw the positions that are wanted."""
    wanted, known.wants.numbers = known.wants.numbers, Counter()
    kinds = sorted(wanted, key=lambda kind: kind.TABLE)
    if not kinds:
        return
    text = pg_statements.draw(kinds)
    numbers: list[list[int]] = [[] for _ in kinds]
    for i, number in await connection.fetch(text, *(wanted[kind] for kind in kinds)):
        numbers[i].append(number)
    for kind, drawn in zip(kinds, numbers, strict=True):
        known.learn_numbers(kind, drawn)


async def lock(connection: Connection, known: Known, *, wait: bool) -> bool:
    """Lock the roots that are wanted, in the order of their tables and keys, so that no two batches
    wait for each other in a circle. Without `wait`, False if another batch has one of them.

    A root that does not exist cannot be locked; who makes it first wins by its unique key.
    """
    slots, known.wants.roots = known.wants.roots, set()
    known.locked |= slots
    for kind, names in sorted(_by_kind(slots).items(), key=lambda item: item[0].TABLE):
        keys = [statements.key_bytes(key) for _, key in names]
        taken = await connection.fetch(pg_statements.lock(kind, wait=wait), keys)
        if not wait:
            there = await connection.fetch(pg_statements.select_by_keys(kind), keys)
            if len(taken) != len(there):
                return False
    return True


def rows_of(kind: type[R], found: Iterable[Any]) -> list[R]:
    """Typed rows from a database's."""
    return [msgspec.convert(tuple(row), kind) for row in found]


def page_statement(query: Query, after: int | None, limit: int) -> tuple[str, Sequence[Any]]:
    """The statement of a page. Operations are paged by their places: a cursor that has passed a
    number would never come back to an operation that drew it and committed late."""
    text, values = statements.page(query, after, limit)
    if query.kind is Op:
        text = text.replace(f" FROM {Op.TABLE}", f" FROM {FEED}", 1)
    return text, values


def _by_kind(names: Iterable[tuple[type[Row], T]]) -> dict[type[Row], list[tuple[type[Row], T]]]:
    grouped: dict[type[Row], list[tuple[type[Row], T]]] = {}
    for name in names:
        grouped.setdefault(name[0], []).append(name)
    return grouped
