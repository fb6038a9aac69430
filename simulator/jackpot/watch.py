"""What a contribution has to know of degradation, in one named row for each tenant (JP-80).

Since when the oldest payout waits, and how many falls are held back: kept with what changes them,
so that the way of every contribution asks for one row by its name instead of looking through lists,
which would write its whole batch down first.
"""

from simulator.jackpot.rows import PayoutRow
from simulator.jackpot.watch_rows import WatchRow
from simulator.store.listing import own
from simulator.store.tx import Query, Reads, Tx

_MOST = 1_000


def of(tx: Reads) -> WatchRow | None:
    """The caller's row; None while nothing ever waited."""
    return tx.get(WatchRow, (tx.caller.tenant,))


def waits(tx: Tx) -> None:
    """A payout was set out: the wallet is waited for, if it was not already."""
    row = _row(tx)
    if row.oldest_ns is None:
        tx.put(row.but(oldest_ns=tx.now_ns))


def oldest_but(tx: Reads, jp_payout_id: str) -> int | None:
    """Since when the oldest payout but this one waits; asked before anything is written."""
    rows = tx.page(Query(PayoutRow, (*own(tx, None), ("waits_ns", ">=", 0))), None, _MOST)
    waiting = (
        row.waits_ns
        for row in rows
        if isinstance(row, PayoutRow) and row.jp_payout_id != jp_payout_id
    )
    return min((at_ns for at_ns in waiting if at_ns is not None), default=None)


def waits_since(tx: Tx, oldest_ns: int | None) -> None:
    """A payout waits no longer; this is the oldest that is left."""
    row = _row(tx)
    if row.oldest_ns != oldest_ns:
        tx.put(row.but(oldest_ns=oldest_ns))


def holds(tx: Tx, more: int) -> None:
    """So many falls more, or less, are held back."""
    row = _row(tx)
    tx.put(row.but(held=row.held + more))


def _row(tx: Tx) -> WatchRow:
    tenant = tx.caller.tenant
    return tx.get(WatchRow, (tenant,)) or tx.put(WatchRow(tenant=tenant))
