"""The transfer model: money comes in at a session's start, is kept here, and leaves at its end.

(RGS-06, WAL-80, WAL-83) What a session keeps is what came in, less its stakes, plus its wins, less
what went out: a CHECK of its table, and a law of the reconciliation.
"""

from simulator.base.errors import (
    CurrencyMismatch,
    Duplicate,
    InsufficientFunds,
    InvalidState,
    LimitExceeded,
)
from simulator.base.money import MAX_AMOUNT_MINOR, from_minor
from simulator.rgs import sessions
from simulator.rgs.rows import GamePlayer, GameSession, MoneyMove
from simulator.rgs.tell import MoneyMoved, tell
from simulator.store.tx import Again, Tx
from simulator.wire import rgs as m
from simulator.wire.messages import Money, invalid


def transfer_in(tx: Tx, ask: m.MoveMoney) -> m.Transfer | Again:
    """Bring money into an open session, once for each transfer."""
    if ask.amount is None:
        raise invalid("amount", "is missing")
    session = sessions.require(tx, ask.session_id)
    tx.lock(GamePlayer, (session.tenant, session.player_id))
    known = _known(tx, session, "in", ask)
    if known is not None:
        return known
    balance = _balance(session, ask)
    sessions.require_open(tx, session)
    amount_minor = ask.amount.minor
    if session.moved_in + amount_minor > MAX_AMOUNT_MINOR:
        raise LimitExceeded("the session would keep more than the largest amount")
    session = session.but(balance=balance + amount_minor, moved_in=session.moved_in + amount_minor)
    return _move(tx, session, "in", ask, amount_minor)


def transfer_out(tx: Tx, ask: m.MoveMoney) -> m.Transfer | Again:
    """Take money out of a session, ended or not: the amount, or all that is left."""
    session = sessions.require(tx, ask.session_id)
    tx.lock(GamePlayer, (session.tenant, session.player_id))
    known = _known(tx, session, "out", ask)
    if known is not None:
        return known
    balance = _balance(session, ask)
    amount_minor = balance if ask.amount is None else ask.amount.minor
    if amount_minor > balance:
        there_is = Money.of(balance, session.currency)
        raise InsufficientFunds(
            f"the session keeps {there_is.amount} {there_is.currency}",
            details={"balance": there_is},
        )
    session = session.but(
        balance=balance - amount_minor, moved_out=session.moved_out + amount_minor
    )
    return _move(tx, session, "out", ask, amount_minor)


def _known(tx: Tx, session: GameSession, direction: str, ask: m.MoveMoney) -> Again | None:
    """A transfer that came before is answered again (WAL-80), another one refused."""
    known = tx.get(MoneyMove, (session.tenant, ask.transfer_id))
    if known is None:
        return None
    whole = ask.amount is None
    same = (known.session_id, known.direction, known.whole) == (
        ask.session_id,
        direction,
        int(whole),
    )
    if not same or (ask.amount is not None and ask.amount.minor != known.amount):
        raise Duplicate(
            f"transfer {ask.transfer_id} is known with other parameters",
            details={"transfer_id": ask.transfer_id},
        )
    return Again(known.op)


def _balance(session: GameSession, ask: m.MoveMoney) -> int:
    """What the session keeps. Raises InvalidState for a seamless one, CurrencyMismatch."""
    if session.balance is None:
        raise InvalidState(
            f"session {session.session_id} plays from the operator's wallet; create it with "
            "wallet: transfer",
            details={"reason": "not_a_transfer_session"},
        )
    if ask.amount is not None and ask.amount.currency != session.currency:
        raise CurrencyMismatch(
            f"the session is in {session.currency}, the transfer in {ask.amount.currency}"
        )
    return session.balance


def _move(
    tx: Tx, session: GameSession, direction: m.Direction, ask: m.MoveMoney, amount_minor: int
) -> m.Transfer:
    currency, balance = session.currency, session.balance or 0
    tx.put(session)
    tx.put(
        MoneyMove(
            tenant=session.tenant,
            transfer_id=ask.transfer_id,
            session_id=session.session_id,
            direction=direction,
            amount=amount_minor,
            whole=int(ask.amount is None),
            op=tx.position,
        )
    )
    payload = MoneyMoved(
        transfer_id=ask.transfer_id,
        direction=direction,
        amount=from_minor(amount_minor, currency),
        currency=currency,
        balance=from_minor(balance, currency),
    )
    tell(tx, session, "rgs.transfer", payload)
    return m.Transfer(
        transfer_id=ask.transfer_id,
        session_id=session.session_id,
        direction=direction,
        amount=Money.of(amount_minor, currency),
        balance=Money.of(balance, currency),
        status="completed",
    )
