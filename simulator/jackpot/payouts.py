"""The payout saga (JP-13, JP-40): obligation → set aside (optional) → credited, or parked.

    due ──request──▶ requested ──the wallet has paid──▶ credited
                         └──the wallet refuses──▶ parked ──release──▶ due, one attempt on
                                                    └──forfeit──▶ forfeited
    due, requested ──cancel──▶ cancelled, unless the wallet has paid

Where the terms of the pool want it, the wallet is asked to set the payout aside first, and to pay
only once it has: a refusal of either parks it. An unknown outcome is asked for again with the same
key and jp_payout_id (`server/courier`); a released one has a new key and the same jp_payout_id,
which the wallet sets aside and pays once whatever the key. So a payout is never lost and never paid
twice (WAL-97).
"""

from collections.abc import Generator
from typing import Any

import msgspec

from simulator.adapters.replies import read_problem
from simulator.base.errors import InvalidState, Problem
from simulator.jackpot import degraded, obligations, tell, watch
from simulator.jackpot.obligations import SUSPICIOUS, UNREADABLE, view, wallet_call
from simulator.jackpot.rows import PayoutRow
from simulator.store.flow import Decide, Hear, Step
from simulator.store.tx import Tx
from simulator.wire import jackpot as j
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from simulator.wire.messages import Message


class Requested(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the wallet is asked next: to set the payout aside, or to pay it; or neither, and the
    payout as it is."""

    shown: j.Payout
    reserve: Call | None = None
    credit: Call | None = None


class Answered(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the wallet has said: `reason` is None where it has done what it was asked."""

    jp_payout_id: str
    attempt: int
    reason: str | None = None
    date: str | None = None
    """The clock of its answer."""


class Credited(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the wallet's answer."""

    status: str
    reason: str | None = None


def pay_out(ask: j.PayOut) -> Generator[Step, Any, j.Payout]:
    """Ask the wallet, until it has said yes or no; then write down which."""
    step: Requested = yield Decide(request, ask)
    if step.reserve is not None:
        reply: Reply = yield Hear(step.reserve)
        step = yield Decide(hold, _answered(ask, reply))
    if step.credit is None:
        return step.shown
    reply = yield Hear(step.credit)
    closed: j.Payout = yield Decide(close, _answered(ask, reply))
    return closed


def request(tx: Tx, ask: j.PayOut) -> Requested:
    """Set a payout out to be paid. Raises NotFound, and InvalidState for another attempt than the
    one that is due."""
    row = obligations.locked(tx, ask.jp_payout_id)
    if row.attempt != ask.attempt:
        raise InvalidState(
            f"payout {row.jp_payout_id} is at attempt {row.attempt}",
            details={"reason": "attempt", "attempt": row.attempt},
        )
    if row.status != "due":
        return Requested(shown=view(row))
    first = row.set_aside in ("wanted", "asked")
    row = row.but(status="requested", changed_op=tx.position)
    row = tx.put(row.but(set_aside="asked") if first else row)
    tell.payout(tx, row, "jp.payout.requested")
    if first:
        key = f"jp_r_{row.jp_payout_id}_{row.attempt}"
        return Requested(shown=view(row), reserve=wallet_call(tx, row, "reserve", key))
    return Requested(shown=view(row), credit=_credit(tx, row))


def hold(tx: Tx, said: Answered) -> Requested:
    """The wallet has set the payout aside, so now it is to pay it; unless it has refused, or
    somebody has cancelled it meanwhile (JP-13)."""
    row = obligations.locked(tx, said.jp_payout_id)
    if said.reason is not None or row.cancelling:
        return Requested(shown=close(tx, said))
    _require_under_way(row, said)
    degraded.note_clock(tx, "wallet", said.date)
    row = tx.put(row.but(set_aside="held"))
    return Requested(shown=view(row), credit=_credit(tx, row))


def close(tx: Tx, said: Answered) -> j.Payout:
    """Write down how it has ended: paid, cancelled, or parked with its reason (WAL-97)."""
    waiting, oldest_ns = degraded.held(tx), watch.oldest_but(tx, said.jp_payout_id)
    row = obligations.locked(tx, said.jp_payout_id)
    _require_under_way(row, said)
    degraded.note_clock(tx, "wallet", said.date)
    degraded.set_out(tx, waiting)
    watch.waits_since(tx, oldest_ns)
    if said.reason is None and row.set_aside != "asked":
        row = row.but(status="credited", reason=None, changed_op=tx.position)
        row = tx.put(row.but(ended_ns=tx.now_ns, cancelling=0, waits_ns=None))
        tell.payout(tx, row, "jp.payout.credited")
        return view(row)
    row = row.but(reason=said.reason, changed_op=tx.position)
    if row.cancelling and not obligations.may_be_paid(said.reason, row.set_aside):
        return obligations.cancelled(tx, row)
    row = tx.put(row.but(status="parked", cancelling=0, waits_ns=None))
    tell.payout(tx, row, "jp.payout.failed")
    tell.payout(tx, row, "jp.payout.parked")
    if said.reason == "RG":
        tell.payout(tx, row, "rg.limit.hit")
    if said.reason in SUSPICIOUS:
        obligations.report(tx, row)
    return view(row)


def _require_under_way(row: PayoutRow, said: Answered) -> None:
    if (row.status, row.attempt) != ("requested", said.attempt):
        raise RuntimeError(f"payout {row.jp_payout_id} is {row.status}, not under way")


def _credit(tx: Tx, row: PayoutRow) -> Call:
    return wallet_call(tx, row, "credit", f"jp_p_{row.jp_payout_id}_{row.attempt}")


def _answered(ask: j.PayOut, reply: Reply) -> Answered:
    return Answered(
        jp_payout_id=ask.jp_payout_id,
        attempt=ask.attempt,
        reason=_why_not(reply),
        date=reply.headers.get("date"),
    )


def _why_not(reply: Reply) -> str | None:
    """Why the wallet has not done it; None where it has."""
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
