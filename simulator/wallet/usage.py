"""What a player has staked, won and paid since an instant, from the rows themselves.

For a limit that is new; afterwards it counts by itself (`simulator/wallet/rg.py`). The law of the
books that checks every limit says the same in SQL (`simulator/wallet/laws.py`).
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from simulator.store.rows import Op, Row
from simulator.store.tx import Query, Reads
from simulator.wallet.rows import Bet, Payment, Player, Txn
from simulator.wire.players import LimitKind

R = TypeVar("R", bound=Row)

_PAGE = 500
WINS = ("win", "jackpot")
"""The reasons of a credit that make good what was lost."""


def since(tx: Reads, player: Player, kind: LimitKind, since_ns: int) -> int:
    """What a limit of this kind would have counted, in minor units."""
    return _COUNTED[kind](tx, player, since_ns)


def _stakes(tx: Reads, player: Player, since_ns: int) -> int:
    total = 0
    for bet in rows(tx, Bet, player, "opened_ns", since_ns):
        if bet.status != "rolled_back":
            total += bet.amount or 0
    spent: dict[tuple[str, str], int] = {}
    for txn in rows(tx, Txn, player, "at_ns", since_ns):
        if txn.kind == "reserve" and txn.status in ("ok", "spent"):
            spent[txn.scope, txn.transaction_id] = txn.amount or 0
        elif txn.kind == "debit" and txn.original is not None:
            if txn.status == "rolled_back":
                spent.pop((txn.scope, txn.original), None)
        elif txn.kind == "debit" and txn.status != "rolled_back":
            total += txn.amount or 0
    return total + sum(spent.values())


def _losses(tx: Reads, player: Player, since_ns: int) -> int:
    total = _stakes(tx, player, since_ns)
    for bet in rows(tx, Bet, player, "closed_ns", since_ns):
        total -= bet.win or 0
    for txn in rows(tx, Txn, player, "at_ns", since_ns):
        if txn.kind == "credit" and txn.reason in WINS and txn.status != "rolled_back":
            total -= txn.amount or 0
    return total


def _paid(tx: Reads, player: Player, kind: LimitKind, since_ns: int) -> int:
    total = 0
    for payment in rows(tx, Payment, player, "op", 0):
        made = tx.at(Op, payment.op)
        if payment.kind == kind and made is not None and made.at_ns >= since_ns:
            total += payment.amount
    return total


_COUNTED: dict[LimitKind, Callable[[Reads, Player, int], int]] = {
    "deposit": lambda tx, player, since_ns: _paid(tx, player, "deposit", since_ns),
    "withdrawal": lambda tx, player, since_ns: _paid(tx, player, "withdrawal", since_ns),
    "stake": _stakes,
    "loss": _losses,
}


def rows(tx: Reads, kind: type[R], player: Player, column: str, since: int) -> Iterator[R]:
    """A player's rows from a time on, in the order they were made."""
    named = (("tenant", "=", player.tenant), ("player_id", "=", player.player_id))
    query = Query(kind, (*named, (column, ">=", since)))
    after = None
    while True:
        found = tx.page(query, after, _PAGE)
        for row in found:
            if isinstance(row, kind):
                yield row
        if len(found) < _PAGE:
            return
        after = found[-1].n
