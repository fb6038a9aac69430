"""The payout saga (JP-13, JP-40): obligation → requested → credited, or parked with its reason.

    due ──request──▶ requested ──the wallet has paid──▶ credited
                         └──the wallet refuses──▶ parked ──release──▶ due, one attempt on
                                                    └──forfeit──▶ forfeited
    due, requested ──cancel──▶ cancelled, unless the wallet has paid

An unknown outcome is asked for again with the same key and jp_payout_id (`server/courier`); a
released one has a new key and the same jp_payout_id, which the wallet pays once whatever the key.
So a payout is never lost and never paid twice (WAL-97). JP-13's reserve is optional and not called:
the amount has left the pool when it was triggered, so the obligation itself keeps it.
"""

from collections.abc import Generator
from typing import Any

import msgspec

from simulator.adapters.replies import read_problem
from simulator.base.clock import iso
from simulator.base.errors import InvalidState, NotFound, Problem
from simulator.jackpot import decisions, degraded, falls, tell, watch
from simulator.jackpot.access import as_member
from simulator.jackpot.rows import PayoutRow, PoolRow, SuspicionRow, TriggerRow
from simulator.store.flow import Decide, Hear, Step
from simulator.store.listing import own, page
from simulator.store.owned import mine
from simulator.store.tx import Again, Query, Reads, Tx
from simulator.wire import jackpot as j
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from simulator.wire.messages import Message, Money, Page

SUSPICIOUS = ("AML", "SANCTIONS")
"""Reasons that open an alert and a SAR/STR record (JP-53)."""

UNREADABLE = "UNREADABLE"
"""Why a payout is parked whose answer says neither that it was paid nor that it was not."""


class Requested(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the wallet is asked; or the payout as it is, where there is nothing to ask."""

    shown: j.Payout
    call: Call | None = None


class Answered(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the wallet has said: `reason` is None where it has paid."""

    jp_payout_id: str
    attempt: int
    reason: str | None = None
    date: str | None = None
    """The clock of its answer."""


class Credited(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the wallet's answer."""

    status: str
    reason: str | None = None


# The saga -----------------------------------------------------------------------------------------


def pay_out(ask: j.PayOut) -> Generator[Step, Any, j.Payout]:
    """Ask the wallet to pay, until it has said yes or no; then write down which."""
    requested: Requested = yield Decide(request, ask)
    if requested.call is None:
        return requested.shown
    reply: Reply = yield Hear(requested.call)
    said = Answered(
        jp_payout_id=ask.jp_payout_id,
        attempt=ask.attempt,
        reason=_why_not(reply),
        date=reply.headers.get("date"),
    )
    closed: j.Payout = yield Decide(close, said)
    return closed


def request(tx: Tx, ask: j.PayOut) -> Requested:
    """Set a payout out to be paid. Raises NotFound, and InvalidState for another attempt than the
    one that is due."""
    row = _locked(tx, ask.jp_payout_id)
    if row.attempt != ask.attempt:
        raise InvalidState(
            f"payout {row.jp_payout_id} is at attempt {row.attempt}",
            details={"reason": "attempt", "attempt": row.attempt},
        )
    if row.status != "due":
        return Requested(shown=view(row))
    row = tx.put(row.but(status="requested", changed_op=tx.position))
    tell.payout(tx, row, "jp.payout.requested")
    body = {
        "jp_payout_id": row.jp_payout_id,
        "tenant_id": row.tenant,
        "player_id": row.player_id,
        "pool_id": row.pool_id,
        "amount": Money.of(row.amount, row.currency),
        "meta": {"tax_withheld": False, "tier": row.level},
        "idempotency_key": f"jp_p_{row.jp_payout_id}_{row.attempt}",
    }
    call = falls.post(
        tx.caller, "wallet", "/v1/wallet/credit", f"jp_p_{row.jp_payout_id}_{row.attempt}", body
    )
    return Requested(shown=view(row), call=call)


def close(tx: Tx, said: Answered) -> j.Payout:
    """Write down what the wallet has said: paid, or parked with its reason (WAL-97)."""
    waiting, oldest_ns = degraded.held(tx), watch.oldest_but(tx, said.jp_payout_id)
    row = _locked(tx, said.jp_payout_id)
    if (row.status, row.attempt) != ("requested", said.attempt):
        raise RuntimeError(f"payout {row.jp_payout_id} is {row.status}, not under way")
    degraded.note_clock(tx, "wallet", said.date)
    degraded.set_out(tx, waiting)
    watch.waits_since(tx, oldest_ns)
    if said.reason is None:
        row = tx.put(
            row.but(
                status="credited",
                reason=None,
                changed_op=tx.position,
                ended_ns=tx.now_ns,
                cancelling=0,
                waits_ns=None,
            )
        )
        tell.payout(tx, row, "jp.payout.credited")
        return view(row)
    if row.cancelling and said.reason != UNREADABLE:  # which may be paid: a person looks
        return _cancelled(tx, row.but(reason=said.reason, changed_op=tx.position))
    row = row.but(status="parked", reason=said.reason, changed_op=tx.position)
    row = tx.put(row.but(cancelling=0, waits_ns=None))
    tell.payout(tx, row, "jp.payout.failed")
    tell.payout(tx, row, "jp.payout.parked")
    if said.reason == "RG":
        tell.payout(tx, row, "rg.limit.hit")
    if said.reason in SUSPICIOUS:
        _report(tx, row)
    return view(row)


def _report(tx: Tx, row: PayoutRow) -> None:
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


def _why_not(reply: Reply) -> str | None:
    """Why the wallet has not paid; None where it has."""
    if not 200 <= reply.status < 300:
        problem = read_problem(reply)
        return problem.code if isinstance(problem, Problem) else f"STATUS_{reply.status}"
    try:
        said = msgspec.convert(json.decode(reply.body), Credited)
    except (json.NotJson, msgspec.ValidationError):
        return UNREADABLE
    if said.status == "ok":
        return None
    return said.reason or UNREADABLE


# What a person decides ----------------------------------------------------------------------------


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
    if row.reason == UNREADABLE:
        raise InvalidState(
            f"the wallet's answer to payout {row.jp_payout_id} could not be read: it may have been "
            "paid; release it, and the wallet says which",
            details={"reason": "outcome_unknown", "jp_payout_id": row.jp_payout_id},
        )
    return _end_unpaid(tx, row.but(status="forfeited", changed_op=tx.position))


def cancel(tx: Tx, ask: j.CancelTrigger) -> j.Payout | Again:
    """End what a trigger owes before it is parked; what the wallet was asked for already ends so
    only if it has not paid (WAL-96). Raises NotFound, Duplicate, and InvalidState for what is
    parked or has ended."""
    trigger = mine(tx, tx.get(TriggerRow, (tx.caller.tenant, ask.jp_trigger_id)))
    if trigger is None:
        raise NotFound(
            f"there is no trigger {ask.jp_trigger_id}",
            details={"jp_trigger_id": ask.jp_trigger_id},
        )
    oldest_ns = watch.oldest_but(tx, trigger.jp_payout_id)
    row = _locked(tx, trigger.jp_payout_id)
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
        return _cancelled(tx, row.but(changed_op=tx.position))
    return view(tx.put(row.but(cancelling=1)))


def _cancelled(tx: Tx, row: PayoutRow) -> j.Payout:
    """It was cancelled, and the wallet has not paid. What compliance has said of it is kept."""
    ended = _end_unpaid(tx, row.but(status="cancelled", cancelling=0))
    if row.reason in SUSPICIOUS:
        _report(tx, row)
    return ended


def _end_unpaid(tx: Tx, row: PayoutRow) -> j.Payout:
    """Nobody is paid: the amount goes to the pool's reserve."""
    row = tx.put(row.but(ended_ns=tx.now_ns, waits_ns=None))
    pool = _pool(tx, row)
    tx.put(pool.but(reserve=pool.reserve + row.amount, forfeited=pool.forfeited + row.amount))
    tell.payout(tx, row, f"jp.payout.{row.status}")
    return view(row)


def _to_decide(tx: Tx, ask: j.DecidePayout, what: str) -> tuple[PayoutRow, Again | None]:
    """A parked payout, with the decision on it written down; or the answer to a repeated one."""
    row = _locked(tx, ask.jp_payout_id)
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


# What is read -------------------------------------------------------------------------------------


def read_payout(tx: Reads, ask: j.PayoutRef) -> j.Payout:
    """One payout. Raises NotFound."""
    return view(_require(tx, ask.jp_payout_id))


def list_payouts(tx: Reads, ask: j.ListPayouts) -> Page:
    """The caller's payouts, oldest first; those that wait for a person are `parked`."""
    terms = own(tx, None)
    for column in ("pool_id", "player_id", "status"):
        if (value := getattr(ask, column)) is not None:
            terms.append((column, "=", value))
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
        due_at=iso(row.due_ns),
        reason=row.reason,
        ended_at=None if row.ended_ns is None else iso(row.ended_ns),
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


def _require(tx: Reads, jp_payout_id: str) -> PayoutRow:
    row = mine(tx, tx.get(PayoutRow, (tx.caller.tenant, jp_payout_id)))
    if row is None:
        raise NotFound(f"there is no payout {jp_payout_id}", details={"jp_payout_id": jp_payout_id})
    return row


def _locked(tx: Tx, jp_payout_id: str) -> PayoutRow:
    """The caller's payout, its pool locked."""
    row = _require(tx, jp_payout_id)
    _pool(tx, row)
    return tx.get(PayoutRow, (row.tenant, row.jp_payout_id)) or row


def _pool(tx: Tx, row: PayoutRow) -> PoolRow:
    pool = tx.lock(PoolRow, (row.pool_id,))
    if pool is None:
        raise RuntimeError(f"pool {row.pool_id} of payout {row.jp_payout_id} is gone")
    return as_member(tx, pool, row.pool_id)[0]
