"""Coming back to a session: what is held open of rounds that nobody drives is finished (WAL-64).

A round that was interrupted is driven by its own task, and goes on without anybody's help. What
this finds besides was begun by somebody whose store is gone: a stake that the wallet holds or has
taken, a round that is open at the studio. The studio's word decides: a spin that was played is
settled with its win, and a stake without a spin is given back. A spin that nobody has staked
anything for was never shown, and is void.
"""

from collections.abc import Generator, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from simulator.play import jackpots, sessions
from simulator.play.calls import Way, back_of, credit_of, end_at_rgs, read, refusal, spin_of
from simulator.play.sessions import Looked, Sifted
from simulator.play.spinning import NOT_THERE
from simulator.store.flow import Decide, Hear, Step
from simulator.wire import play as p
from simulator.wire.messages import Message, Money

Steps = Generator[Step, Any, Any]

MOST = 200
"""Bets and rounds looked at in one go: the largest page there is; a second reconnect finds more."""


class HeldBet(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a bet."""

    bet_id: str
    round_id: str


class Bets(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A page of bets."""

    items: list[HeldBet]


class Debit(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a debit that no win has come for."""

    transaction_id: str
    player_id: str
    round_id: str | None = None
    session_id: str | None = None


class Debits(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A page of them."""

    items: list[Debit]


class Stake(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a stake."""

    status: str


class RgsRound(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a studio's round; `spins` are those that stand."""

    round_id: str
    spins: int


class RgsRounds(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A page of them."""

    items: list[RgsRound]


class Won(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of what a spin came to."""

    win: Money


class Voided(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a spin that is void."""

    rgs_txns: list[Any] = msgspec.field(default_factory=list)


class Spin(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a spin."""

    status: str
    outcome: Won


def reconnect(ask: p.Reconnect) -> Steps:
    """The session with what was found and finished."""
    looked: Looked = yield Decide(sessions.look, ask)
    way, session_id = looked.way, ask.session_id
    held: dict[str, list[HeldBet]] = {}
    debits: dict[str, Debit] = {}
    if looked.timing == "debit_first":
        debits = yield from _debits(looked, session_id)
    else:
        filters = {"session_id": session_id, "status": "authorized", "limit": MOST}
        reply = yield Hear(way.get("wallet", f"/v1/bets?{urlencode(filters)}"))
        for bet in read("wallet", reply, Bets).items:
            held.setdefault(bet.round_id, []).append(bet)
    left = [one.round_id for one in (yield from _rounds(way, session_id, "open"))]
    ended: list[str] = []
    if looked.model == "seamless":  # where the studio keeps the money, what it has ended is paid
        found_ended = yield from _rounds(way, session_id, "completed")
        ended = [one.round_id for one in found_ended if one.spins]
    names = list(dict.fromkeys([*held, *debits, *left, *ended]))
    found = sessions.Found(session_id=session_id, rounds=names)
    sifted: Sifted = yield Decide(sessions.sift, found)
    finished: list[p.Finished] = []
    for round_id in sifted.strange:
        what: p.FinishedHow = "closed"
        if round_id in left:
            yield Hear(end_at_rgs(way, round_id))
        if round_id in held:
            what = yield from _finish(way, round_id, held[round_id])
        elif round_id in debits:
            what = yield from _finish_debit(way, round_id, debits[round_id])
        elif looked.model == "seamless":
            hidden = yield from _hide(looked, round_id)
            if not hidden and round_id not in left:
                continue  # it was paid
        finished.append(p.Finished(round_id=round_id, what=what))
    return p.Reconnected(session=sifted.session, under_way=sifted.under_way, finished=finished)


def _rounds(way: Way, session_id: str, status: str) -> Generator[Step, Any, list[RgsRound]]:
    """The session's latest rounds at the studio, open or ended."""
    filters = {"session_id": session_id, "status": status, "order": "desc", "limit": MOST}
    reply = yield Hear(way.get("rgs", f"/rgs/v1/rounds?{urlencode(filters)}"))
    return read("rgs", reply, RgsRounds).items


def _debits(looked: Looked, session_id: str) -> Generator[Step, Any, dict[str, Debit]]:
    """Stakes of the session that were taken, as rounds take them, and that no win has come for."""
    filters = {"player_id": looked.player_id, "kind": "debit", "status": "ok", "order": "desc"}
    target = f"/v1/wallet/transactions?{urlencode({**filters, 'limit': MOST})}"
    reply = yield Hear(looked.way.get("wallet", target))
    return {
        debit.round_id: debit
        for debit in read("wallet", reply, Debits).items
        if debit.session_id == session_id
        and debit.round_id is not None
        and debit.transaction_id == spin_of(debit.round_id)
    }


def _spin(way: Way, spin_id: str) -> Generator[Step, Any, Spin | None]:
    """The spin of this id, if it was played and stands."""
    reply = yield Hear(way.get("rgs", f"/rgs/v1/spins/{spin_id}"))
    spin = None if refusal("rgs", reply) else read("rgs", reply, Spin)
    return spin if spin is not None and spin.status == "played" else None


def _finish(
    way: Way, round_id: str, bets: Sequence[HeldBet]
) -> Generator[Step, Any, p.FinishedHow]:
    """Settle each held stake of a round with what its spin has won, or give it back where there is
    none; the round is closed when none is held any more."""
    settled: Spin | None = None
    for bet in bets:
        named = {"bet_id": bet.bet_id, "round_id": round_id}
        spin = yield from _spin(way, bet.bet_id)
        if spin is not None:
            body = {**named, "win": spin.outcome.win}
            yield Hear(way.post("wallet", "/v1/bets/settle", f"{bet.bet_id}-settle", body))
        else:
            yield Hear(way.post("wallet", "/v1/bets/rollback", f"{bet.bet_id}-rollback", named))
        settled = settled or spin
    return (yield from _close(way, round_id, settled))


def _finish_debit(way: Way, round_id: str, debit: Debit) -> Generator[Step, Any, p.FinishedHow]:
    """The same for a stake that was taken."""
    debit_id, player_id = debit.transaction_id, debit.player_id
    spin = yield from _spin(way, debit_id)
    if spin is not None:
        credit = credit_of(debit_id, player_id, round_id, spin.outcome.win)
        yield Hear(way.post("wallet", "/v1/wallet/credit", f"{debit_id}-credit", credit))
    else:
        back = back_of(debit_id, player_id, round_id)
        yield Hear(way.post("wallet", "/v1/wallet/rollback", f"{debit_id}-rollback", back))
    return (yield from _close(way, round_id, spin))


def _close(way: Way, round_id: str, spin: Spin | None) -> Generator[Step, Any, p.FinishedHow]:
    close = {"outcome": "completed" if spin else "cancelled"}
    yield Hear(way.post("wallet", f"/v1/rounds/{round_id}/close", f"{round_id}-close", close))
    return "settled" if spin else "given_back"


def _hide(looked: Looked, round_id: str) -> Generator[Step, Any, bool]:
    """Void the spin of a round that the wallet knows no stake of (RGS-64). True where it is."""
    way, spin_id = looked.way, spin_of(round_id)
    place = "/v1/bets" if looked.timing == "hold_first" else "/v1/wallet/transactions"
    reply = yield Hear(way.get("wallet", f"{place}/{spin_id}"))
    said = refusal("wallet", reply)
    if said is not None and said.code not in NOT_THERE:
        raise said.problem()
    if said is None and read("wallet", reply, Stake).status != "rolled_back":
        return False
    body = {"reason": "no_stake", "unpaid": True}
    reply = yield Hear(way.post("rgs", f"/rgs/v1/spins/{spin_id}/void", f"{spin_id}-void", body))
    if refusal("rgs", reply) is not None:
        return False
    txns = read("rgs", reply, Voided).rgs_txns
    yield Decide(jackpots.take_parts_back, jackpots.Parts(way=way, txns=txns))
    return True
