"""What a fall has come to owe: the obligation as it is kept, told, ended and shown (JP-40).

    due → requested → credited, or parked; then due again, or forfeited; or cancelled

Who has asked the wallet to set it aside has to let that go when nobody is paid: `set_aside` is
`wanted` where the pool's terms say so, `asked` from the first time the wallet was asked, `held`
once it has said yes, and `let_go` in the end. The wallet is asked to pay only where nothing was
wanted or what was wanted is held (JP-13).
"""

from simulator.base.clock import iso, iso_or_none
from simulator.jackpot import falls, tell
from simulator.jackpot.access import as_member
from simulator.jackpot.rows import PayoutRow, PoolRow, SuspicionRow
from simulator.store.listing import asked, own, page
from simulator.store.owned import require_mine
from simulator.store.tx import Query, Reads, Tx
from simulator.wire import jackpot as j
from simulator.wire.calls import Call
from simulator.wire.messages import Money, Page

SUSPICIOUS = ("AML", "SANCTIONS")
"""Reasons that open an alert and a SAR/STR record (JP-53)."""

UNREADABLE = "UNREADABLE"
"""Why a payout is parked whose answer says neither that it was done nor that it was not."""


def wallet_call(tx: Tx, row: PayoutRow, what: str, key: str) -> Call:
    """What the wallet is asked of a payout: `reserve`, `credit` or `release`, in the same words
    (JP-13)."""
    body = {
        "jp_payout_id": row.jp_payout_id,
        "tenant_id": row.tenant,
        "player_id": row.player_id,
        "pool_id": row.pool_id,
        "amount": Money.of(row.amount, row.currency),
        "meta": {"tax_withheld": False, "tier": row.level},
        "idempotency_key": key,
    }
    return falls.post(tx.caller, "wallet", f"/v1/wallet/{what}", key, body)


def may_be_paid(reason: str | None, set_aside: str | None) -> bool:
    """True where the wallet was asked to pay and nobody can read what it has said."""
    return reason == UNREADABLE and set_aside != "asked"


def cancelled(tx: Tx, row: PayoutRow) -> j.Payout:
    """It was cancelled, and the wallet has not paid. What compliance has said of it is kept."""
    ended = end_unpaid(tx, row.but(status="cancelled", cancelling=0))
    if row.reason in SUSPICIOUS:
        report(tx, row)
    return ended


def end_unpaid(tx: Tx, row: PayoutRow) -> j.Payout:
    """Nobody is paid: the amount goes to the pool's reserve, and what the wallet may have set aside
    is let go."""
    row = row.but(ended_ns=tx.now_ns, waits_ns=None)
    if row.set_aside in ("asked", "held"):
        row = row.but(set_aside="let_go")
        tx.ask(wallet_call(tx, row, "release", f"jp_l_{row.jp_payout_id}"))
    row = tx.put(row)
    pool = pool_of(tx, row)
    tx.put(pool.but(reserve=pool.reserve + row.amount, forfeited=pool.forfeited + row.amount))
    tell.payout(tx, row, f"jp.payout.{row.status}")
    return view(row)


def report(tx: Tx, row: PayoutRow) -> None:
    """Open an alert and keep a record of it, once for each payout (JP-53)."""
    if tx.get(SuspicionRow, (row.tenant, row.jp_payout_id)) is not None:
        return
    tx.put(
        SuspicionRow(
            tenant=row.tenant,
            jp_payout_id=row.jp_payout_id,
            brand=row.brand,
            region=row.region,
            licence=tx.caller.licence,
            pool_id=row.pool_id,
            player_id=row.player_id,
            round_id=row.round_id,
            amount=row.amount,
            currency=row.currency,
            reason=row.reason or "",
            op=tx.position,
            at_ns=tx.now_ns,
        )
    )
    tell.payout(tx, row, "aml.alert.opened")


# What is read -------------------------------------------------------------------------------------


def read_payout(tx: Reads, ask: j.PayoutRef) -> j.Payout:
    """One payout. Raises NotFound."""
    return view(require(tx, ask.jp_payout_id))


def list_payouts(tx: Reads, ask: j.ListPayouts) -> Page:
    """The caller's payouts, oldest first; those that wait for a person are `parked`."""
    terms = own(tx, None) + asked(ask, "pool_id", "player_id", "status")
    return page(tx, Query(PayoutRow, tuple(terms), ask.order == "desc"), ask, view)


def list_suspicions(tx: Reads, ask: j.ListSuspicions) -> Page:
    """The caller's SAR/STR records; they never leave their region (JP-53)."""
    query = Query(SuspicionRow, tuple(own(tx, None)), ask.order == "desc")
    return page(tx, query, ask, _suspicion)


def view(row: PayoutRow) -> j.Payout:
    """A payout as it is shown."""
    return j.Payout(
        jp_payout_id=row.jp_payout_id,
        jp_trigger_id=row.jp_trigger_id,
        pool_id=row.pool_id,
        player_id=row.player_id,
        round_id=row.round_id,
        level=row.level,
        amount=Money.of(row.amount, row.currency),
        status=row.status,
        attempt=row.attempt,
        cancelling=bool(row.cancelling),
        set_aside=row.set_aside,
        due_at=iso(row.due_ns),
        reason=row.reason,
        ended_at=iso_or_none(row.ended_ns),
    )


def _suspicion(row: SuspicionRow) -> j.Suspicion:
    return j.Suspicion(
        jp_payout_id=row.jp_payout_id,
        pool_id=row.pool_id,
        player_id=row.player_id,
        round_id=row.round_id,
        amount=Money.of(row.amount, row.currency),
        reason=row.reason,
        licence=row.licence,
        region=row.region,
        opened_at=iso(row.at_ns),
    )


def require(tx: Reads, jp_payout_id: str) -> PayoutRow:
    """The caller's payout. Raises NotFound."""
    row = tx.get(PayoutRow, (tx.caller.tenant, jp_payout_id))
    return require_mine(tx, row, "payout", jp_payout_id, field="jp_payout_id")


def locked(tx: Tx, jp_payout_id: str) -> PayoutRow:
    """The caller's payout, its pool locked."""
    row = require(tx, jp_payout_id)
    pool_of(tx, row)
    return tx.get(PayoutRow, (row.tenant, row.jp_payout_id)) or row


def pool_of(tx: Tx, row: PayoutRow) -> PoolRow:
    """The pool that has fallen, locked."""
    pool = tx.lock(PoolRow, (row.pool_id,))
    if pool is None:
        raise RuntimeError(f"pool {row.pool_id} of payout {row.jp_payout_id} is gone")
    return as_member(tx, pool, row.pool_id)[0]
