"""What a person decides of a payout: release it, forfeit it, cancel what a trigger owes. Each is
taken once, with who and why (WAL-96, WAL-97, QLT-05)."""

from simulator.base.errors import InvalidState
from simulator.jackpot import decisions, falls, obligations, tell, watch
from simulator.jackpot.obligations import view
from simulator.jackpot.rows import PayoutRow, TriggerRow
from simulator.store.owned import require_mine
from simulator.store.tx import Again, Tx
from simulator.wire import jackpot as j


def release(tx: Tx, ask: j.DecidePayout) -> j.Payout | Again:
    """Set a parked payout out once more (WAL-97). Raises NotFound, Duplicate, InvalidState."""
    row, again = _to_decide(tx, ask, "release")
    if again is not None:
        return again
    row = row.but(status="due", reason=None, attempt=row.attempt + 1, changed_op=tx.position)
    row = tx.put(row.but(waits_ns=tx.now_ns))
    watch.waits(tx)
    tell.payout(tx, row, "jp.payout.released")
    falls.set_out(tx, row)
    return view(row)


def forfeit(tx: Tx, ask: j.DecidePayout) -> j.Payout | Again:
    """End a parked payout unpaid: its amount goes to the pool's reserve. Raises as `release`
    does, and InvalidState for one that the wallet may have paid: released, it is asked which."""
    row, again = _to_decide(tx, ask, "forfeit")
    if again is not None:
        return again
    if obligations.may_be_paid(row.reason, row.set_aside):
        raise InvalidState(
            f"the wallet's answer to payout {row.jp_payout_id} could not be read: it may have been "
            "paid; release it, and the wallet says which",
            details={"reason": "outcome_unknown", "jp_payout_id": row.jp_payout_id},
        )
    return obligations.end_unpaid(tx, row.but(status="forfeited", changed_op=tx.position))


def cancel(tx: Tx, ask: j.CancelTrigger) -> j.Payout | Again:
    """End what a trigger owes before it is parked; what the wallet was asked for already ends so
    only if it has not paid (WAL-96). Raises NotFound, Duplicate, and InvalidState for what is
    parked or has ended."""
    trigger = tx.get(TriggerRow, (tx.caller.tenant, ask.jp_trigger_id))
    trigger = require_mine(tx, trigger, "trigger", ask.jp_trigger_id, field="jp_trigger_id")
    oldest_ns = watch.oldest_but(tx, trigger.jp_payout_id)
    row = obligations.locked(tx, trigger.jp_payout_id)
    known = decisions.again(tx, ask.decision_id, "cancel", ask)
    if known is not None:
        return known
    if row.status not in ("due", "requested") or row.cancelling:
        reason = "cancelling" if row.cancelling else row.status
        raise InvalidState(
            f"payout {row.jp_payout_id} is {reason}",
            details={"reason": reason, "jp_payout_id": row.jp_payout_id},
        )
    decisions.note(tx, ask.decision_id, "cancel", row.jp_payout_id, ask)
    if row.status == "due":
        watch.waits_since(tx, oldest_ns)
        return obligations.cancelled(tx, row.but(changed_op=tx.position))
    return view(tx.put(row.but(cancelling=1)))


def _to_decide(tx: Tx, ask: j.DecidePayout, what: str) -> tuple[PayoutRow, Again | None]:
    """A parked payout, with the decision on it written down; or the answer to a repeated one."""
    row = obligations.locked(tx, ask.jp_payout_id)
    known = decisions.again(tx, ask.decision_id, what, ask)
    if known is not None:
        return row, known
    if row.status != "parked":
        raise InvalidState(
            f"payout {row.jp_payout_id} is {row.status}, not parked",
            details={"reason": row.status, "jp_payout_id": row.jp_payout_id},
        )
    decisions.note(tx, ask.decision_id, what, row.jp_payout_id, ask)
    return row, None
