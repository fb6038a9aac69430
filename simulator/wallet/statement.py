"""The wallet's own lines, to be compared with a statement of another system."""

from collections.abc import Iterator

from simulator.base.money import from_minor
from simulator.ledger.statement import Line
from simulator.store.reading import Books

_AT_ONCE = 10_000

_LINES = (
    # Each: n, id, player, kind, minor units, currency, beyond a position of its table.
    """
    SELECT n, bet_id, player_id, 'debit', amount, currency FROM bet
    WHERE n > $1 AND hold_move IS NOT NULL ORDER BY n LIMIT $2
    """,
    """
    SELECT n, bet_id, player_id, 'credit', win, currency FROM bet
    WHERE n > $1 AND status = 'settled' ORDER BY n LIMIT $2
    """,
    """
    SELECT n, bet_id, player_id, 'rollback', amount, currency FROM bet
    WHERE n > $1 AND status = 'rolled_back' AND hold_move IS NOT NULL ORDER BY n LIMIT $2
    """,
    """
    SELECT n, transaction_id, player_id, kind, coalesce(amount, 0), currency FROM txn
    WHERE n > $1 AND kind <> 'tombstone' ORDER BY n LIMIT $2
    """,
    """
    SELECT n, payment_id, player_id, kind, amount, currency FROM payment
    WHERE n > $1 ORDER BY n LIMIT $2
    """,
)


def lines(books: Books) -> Iterator[Line]:
    """Every movement of a player's money: one line for each that another system knows of too."""
    for text in _LINES:
        after = 0
        while page := books.rows(text, (after, _AT_ONCE)):
            for _, name, player_id, kind, minor, currency in page:
                yield Line(name, player_id, kind, from_minor(minor, currency), currency)
            after = page[-1][0]
