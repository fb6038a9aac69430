"""Playing a round: a generator of decisions and calls (`store/flow.py`).

A call is repeated with its key until its outcome is known (WAL-72); only then the next step is
taken, or what was taken is given back. So a round costs the player once or not at all, wherever it
was interrupted.

    hold_first      authorize · spin · end · settle          no spin: roll back
    debit_first     debit · spin · end · credit              no spin: roll back
    outcome_first   spin · end · debit and credit            no debit: void the spin
    transfer        spin · end                               the studio has the money, of cash spins

The studio ends its round before the spin is paid or shown: what was void until then is not paid,
and what is paid cannot be made void any more, whoever asks for it (RGS-64, WAL-60).
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any

import msgspec

from simulator.base.errors import InvalidState, Problem
from simulator.play.calls import Said, back_of, credit_of, end_at_rgs, read, refusal
from simulator.play.rounds import Ended, Opened, end_round, open_round
from simulator.store.flow import Decide, Hear, Step
from simulator.wire import play as p
from simulator.wire.calls import Call, Reply
from simulator.wire.messages import Balance, Message, Money

Steps = Generator[Step, Any, Any]


class Spun(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the studio's answer to a spin."""

    outcome: "SpunOutcome"
    rgs_txns: list[Any] = msgspec.field(default_factory=list)
    balance: Money | None = None


class SpunOutcome(p.Outcome, frozen=True, kw_only=True):
    """What came of a spin, with its win."""

    win: Money


class AfterBet(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the wallet's answer when money has moved."""

    balance: Balance | None = None


class AfterBoth(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The same of a debit and credit in one call."""

    credit: AfterBet


class Sealed(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the studio's round that has ended: how many of its spins stand."""

    spins: int


class Unspun(Message, frozen=True, kw_only=True, omit_defaults=True):
    """There is no spin that could be paid: why, and what it had told the studio's jackpots."""

    said: Said
    rgs_txns: list[Any] = msgspec.field(default_factory=list)


NOT_THERE = ("NOT_FOUND", "BET_NOT_FOUND")
"""How a wallet says that it knows no transaction, or no bet, of a name."""


# A round ------------------------------------------------------------------------------------------


def play_round(ask: p.PlayRound) -> Steps:
    """Stake, spin, win, in the order that the session's debit timing says (RGS-03)."""
    opened: Opened = yield Decide(open_round, ask)
    if opened.known is not None:
        return opened.known
    order = _transfer if opened.timing is None else _ORDERS[opened.timing]
    ended: Ended = yield from order(ask, opened)
    shown = yield Decide(end_round, ended)
    if ended.said is not None:
        raise ended.said.problem()
    return shown


def _hold_first(ask: p.PlayRound, opened: Opened) -> Steps:
    way, bet_id, round_id = opened.way, opened.spin_id, opened.round_id
    bet = {"bet_id": bet_id, "round_id": round_id}
    held = {"session_id": ask.session_id, **bet, "amount": opened.paid}
    reply = yield Hear(way.post("wallet", "/v1/bets/authorize", f"{bet_id}-authorize", held))
    said = refusal("wallet", reply)
    if said is not None:
        return _refused(ask, opened, said)
    spun = yield from _spin(ask, opened)
    back = {**bet, "player_id": opened.player_id}
    give_back = way.post("wallet", "/v1/bets/rollback", f"{bet_id}-rollback", back)
    if isinstance(spun, Unspun):
        yield Hear(give_back)
        return _cancelled(ask, opened, spun.said, spun.rgs_txns)
    win = {**bet, "win": spun.outcome.win}
    reply = yield Hear(way.post("wallet", "/v1/bets/settle", f"{bet_id}-settle", win))
    said = refusal("wallet", reply)
    if said is not None:
        return (yield from _unpaid(ask, opened, spun, said, give_back))
    return _completed(ask, opened, spun, _balance(reply, AfterBet))


def _debit_first(ask: p.PlayRound, opened: Opened) -> Steps:
    way, debit_id = opened.way, opened.spin_id
    debit = _debit(ask, opened)
    reply = yield Hear(way.post("wallet", "/v1/wallet/debit", f"{debit_id}-debit", debit))
    said = refusal("wallet", reply)
    if said is not None:
        return _refused(ask, opened, said)
    spun = yield from _spin(ask, opened)
    back = back_of(debit_id, opened.player_id, opened.round_id)
    give_back = way.post("wallet", "/v1/wallet/rollback", f"{debit_id}-rollback", back)
    if isinstance(spun, Unspun):
        yield Hear(give_back)
        return _cancelled(ask, opened, spun.said, spun.rgs_txns)
    credit = _credit(opened, spun.outcome.win)
    reply = yield Hear(way.post("wallet", "/v1/wallet/credit", f"{debit_id}-credit", credit))
    said = refusal("wallet", reply)
    if said is not None:
        return (yield from _unpaid(ask, opened, spun, said, give_back))
    return _completed(ask, opened, spun, _balance(reply, AfterBet))


def _outcome_first(ask: p.PlayRound, opened: Opened) -> Steps:
    way, debit_id = opened.way, opened.spin_id
    spun = yield from _spin(ask, opened)
    if isinstance(spun, Unspun):
        return _refused(ask, opened, spun.said, spun.rgs_txns)
    both = {"debit": _debit(ask, opened), "credit": _credit(opened, spun.outcome.win)}
    reply = yield Hear(way.post("wallet", "/v1/wallet/debit-and-credit", f"{debit_id}-both", both))
    said = refusal("wallet", reply)
    if said is None:
        return _completed(ask, opened, spun, _balance(reply, AfterBoth))
    yield Hear(_void(opened, said))
    ended = _refused(ask, opened, said, spun.rgs_txns)
    return msgspec.structs.replace(ended, status="cancelled")


def _transfer(ask: p.PlayRound, opened: Opened) -> Steps:
    spun = yield from _spin(ask, opened)
    if isinstance(spun, Unspun):
        return _refused(ask, opened, spun.said, spun.rgs_txns)
    kept = spun.balance
    balance = None
    if kept is not None:
        balance = Balance(available=kept, held=Money.of(0, kept.currency))
    ended = _completed(ask, opened, spun, balance)
    return msgspec.structs.replace(ended, close_wallet=False)


_ORDERS: dict[p.DebitTiming, Callable[[p.PlayRound, Opened], Steps]] = {
    "hold_first": _hold_first,
    "debit_first": _debit_first,
    "outcome_first": _outcome_first,
}


def _spin(ask: p.PlayRound, opened: Opened) -> Generator[Step, Any, Spun | Unspun]:
    """The spin, sealed, or why there is none."""
    spin_id = opened.spin_id
    body = {
        "spin_id": spin_id,
        "round_id": opened.round_id,
        "session_id": ask.session_id,
        "stake": ask.stake,
        "spin_type": ask.spin_type,
        "idempotency_key": f"{spin_id}-spin",
        "mode": ask.mode,
    }
    for name in ("choice", "grant_id", "tournament_id"):
        if getattr(ask, name) is not None:
            body[name] = getattr(ask, name)
    reply: Reply = yield Hear(opened.way.post("rgs", "/rgs/v1/spins", f"{spin_id}-spin", body))
    said = refusal("rgs", reply)
    if said is not None:
        return Unspun(said=said)
    sealed: Reply = yield Hear(end_at_rgs(opened.way, opened.round_id))
    return (yield from _sealed(opened, reply, sealed))


def _sealed(opened: Opened, spin: Reply, sealed: Reply) -> Generator[Step, Any, Spun | Unspun]:
    """A spin that stands, in a round that has ended. One whose answers say nothing that can be
    shown is void: what is not known cannot be paid."""
    txns: list[Any] = []
    try:
        spun = read("rgs", spin, Spun)
        txns = spun.rgs_txns
        if read("rgs", sealed, Sealed).spins:
            return spun
        details = {"reason": "spin_void"}
        raise InvalidState("the spin was made void before its win was paid", details=details)
    except Problem as wrong:
        said = Said(by="rgs", code=wrong.code, message=wrong.message, details=wrong.details)
    yield Hear(_void(opened, said))
    return Unspun(said=said, rgs_txns=txns)


def _unpaid(ask: p.PlayRound, opened: Opened, spun: Spun, said: Said, give_back: Call) -> Steps:
    """The wallet refuses the win for good, say because it has given the stake back meanwhile
    (WAL-25): the stake comes back where it has not, and the spin is void, so both sides agree."""
    yield Hear(give_back)
    yield Hear(_void(opened, said))
    return _cancelled(ask, opened, said, spun.rgs_txns)


def _void(opened: Opened, why: Said) -> Call:
    spin_id = opened.spin_id
    target, body = f"/rgs/v1/spins/{spin_id}/void", {"reason": why.code, "unpaid": True}
    return opened.way.post("rgs", target, f"{spin_id}-void", body)


def _debit(ask: p.PlayRound, opened: Opened) -> dict[str, Any]:
    return {
        "transaction_id": opened.spin_id,
        "player_id": opened.player_id,
        "round_id": opened.round_id,
        "session_id": ask.session_id,
        "amount": opened.paid,
    }


def _credit(opened: Opened, win: Money) -> dict[str, Any]:
    return credit_of(opened.spin_id, opened.player_id, opened.round_id, win)


# How it has ended ---------------------------------------------------------------------------------


def _completed(ask: p.PlayRound, opened: Opened, spun: Spun, balance: Balance | None) -> Ended:
    came = spun.outcome
    return Ended(
        opened=opened,
        session_id=ask.session_id,
        status="completed",
        win=came.win,
        outcome=p.Outcome(features=came.features, symbols=came.symbols),
        rgs_txns=spun.rgs_txns,
        balance=balance,
        close_wallet=True,
    )


def _refused(ask: p.PlayRound, opened: Opened, said: Said, rgs_txns: Sequence[Any] = ()) -> Ended:
    """Nothing was taken."""
    return Ended(
        opened=opened,
        session_id=ask.session_id,
        status="refused",
        said=said,
        rgs_txns=list(rgs_txns),
    )


def _cancelled(ask: p.PlayRound, opened: Opened, said: Said, rgs_txns: Sequence[Any] = ()) -> Ended:
    """What was taken is given back."""
    return Ended(
        opened=opened,
        session_id=ask.session_id,
        status="cancelled",
        said=said,
        rgs_txns=list(rgs_txns),
        close_wallet=True,
    )


def _balance(reply: Reply, kind: type[AfterBet | AfterBoth]) -> Balance | None:
    """What the wallet says the player has now, if that can be read; the money has moved."""
    try:
        after = read("wallet", reply, kind)
    except Problem:
        return None
    return after.credit.balance if isinstance(after, AfterBoth) else after.balance
