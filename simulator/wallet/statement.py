"""The wallet's own lines, to be compared with a statement of another system."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.base.money import from_minor
from simulator.ledger.statement import Line
from simulator.store.reading import Books
from simulator.store.rows import Value

_AT_ONCE = 10_000

_PAID = """(SELECT p.n, p.tenant, payment_id, p.player_id, kind, amount, currency, at_ns
            FROM payment p JOIN op o ON o.n = p.op) AS paid"""

_LINES = (
    ("bet_id", "'debit'", "amount", "opened_ns", "bet", "hold_move IS NOT NULL"),
    ("bet_id", "'credit'", "win", "closed_ns", "bet", "status = 'settled'"),
    (
        "bet_id",
        "'rollback'",
        "amount",
        "closed_ns",
        "bet",
        "status = 'rolled_back' AND hold_move IS NOT NULL",
    ),
    ("transaction_id", "kind", "coalesce(amount, 0)", "at_ns", "txn", "kind <> 'tombstone'"),
    ("bonus_id", "'bonus'", "amount", "issued_ns", "bonus", "amount > 0"),
    (
        "payment_id",
        "kind",
        "amount",
        "at_ns",
        _PAID,
        "amount > 0",
    ),
)
"""Id, kind, amount in minor units, time, table and condition of each sort of line."""


class Part(NamedTuple):
    """Which lines: of one tenant, from one time on and before another (Unix nanoseconds)."""

    tenant: str | None = None
    from_ns: int | None = None
    to_ns: int | None = None


ALL = Part()


def lines(books: Books, part: Part = ALL) -> Iterator[Line]:
    """Every movement of a player's money: one line for each that another system knows of too."""
    for name, kind, amount, at_ns, table, condition in _LINES:
        terms, values = _terms(part, at_ns)
        where = " AND ".join((condition, "n > $1", *terms))
        text = (
            f"SELECT n, {name}, player_id, {kind}, {amount}, currency FROM {table} "  # noqa: S608
            f"WHERE {where} ORDER BY n LIMIT ${len(values) + 2}"
        )
        after = 0
        while page := books.rows(text, (after, *values, _AT_ONCE)):
            for _, found, player_id, what, minor, currency in page:
                yield Line(found, player_id, what, from_minor(minor, currency), currency)
            after = page[-1][0]


def _terms(part: Part, at_ns: str) -> tuple[list[str], list[Value]]:
    asked = (("tenant =", part.tenant), (f"{at_ns} >=", part.from_ns), (f"{at_ns} <", part.to_ns))
    terms: list[str] = []
    values: list[Value] = []
    for term, value in asked:
        if value is not None:
            values.append(value)
            terms.append(f"{term} ${len(values) + 1}")
    return terms, values
