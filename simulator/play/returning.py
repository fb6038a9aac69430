"""Coming back to a session: what is held open of rounds that nobody drives is finished (WAL-64).

A round that was interrupted is driven by its own task, and goes on without anybody's help. What
this finds besides was begun by somebody whose store is gone: a stake that is held at the wallet,
a round that is open at the studio. The studio's word decides: a spin that was played is settled
with its win, and a stake without a spin is given back.
"""

from collections.abc import Generator
from typing import Any

from simulator.play import sessions
from simulator.play.calls import Way, read, refusal
from simulator.play.sessions import Looked, Sifted
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


class RgsRound(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a studio's round."""

    round_id: str


class RgsRounds(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A page of them."""

    items: list[RgsRound]


class Won(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of what a spin came to."""

    win: Money


class Spin(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a spin."""

    status: str
    outcome: Won


def reconnect(ask: p.Reconnect) -> Steps:
    """The session with what was found and finished."""
    looked: Looked = yield Decide(sessions.look, ask)
    way, session_id = looked.way, ask.session_id
    target = f"/v1/bets?session_id={session_id}&status=authorized&limit={MOST}"
    reply = yield Hear(way.get("wallet", target))
    held = {bet.round_id: bet for bet in read("wallet", reply, Bets).items}
    target = f"/rgs/v1/rounds?session_id={session_id}&status=open&limit={MOST}"
    reply = yield Hear(way.get("rgs", target))
    left = [one.round_id for one in read("rgs", reply, RgsRounds).items]
    found = sessions.Found(session_id=session_id, rounds=list(dict.fromkeys([*held, *left])))
    sifted: Sifted = yield Decide(sessions.sift, found)
    finished: list[p.Finished] = []
    for round_id in sifted.strange:
        what: p.FinishedHow = "closed"
        if round_id in held:
            what = yield from _finish(way, held[round_id])
        if round_id in left:
            target = f"/rgs/v1/rounds/{round_id}/end"
            yield Hear(way.post("rgs", target, f"{round_id}-end"))
        finished.append(p.Finished(round_id=round_id, what=what))
    return p.Reconnected(session=sifted.session, under_way=sifted.under_way, finished=finished)


def _finish(way: Way, bet: HeldBet) -> Generator[Step, Any, p.FinishedHow]:
    """Settle a held stake with what its spin has won, or give it back where there is none."""
    named = {"bet_id": bet.bet_id, "round_id": bet.round_id}
    reply = yield Hear(way.get("rgs", f"/rgs/v1/spins/{bet.bet_id}"))
    spin = None if refusal("rgs", reply) else read("rgs", reply, Spin)
    played = spin is not None and spin.status == "played"
    if spin is not None and played:
        body = {**named, "win": spin.outcome.win}
        yield Hear(way.post("wallet", "/v1/bets/settle", f"{bet.bet_id}-settle", body))
    else:
        yield Hear(way.post("wallet", "/v1/bets/rollback", f"{bet.bet_id}-rollback", named))
    close = {"outcome": "completed" if played else "cancelled"}
    target = f"/v1/rounds/{bet.round_id}/close"
    yield Hear(way.post("wallet", target, f"{bet.round_id}-close", close))
    return "settled" if played else "given_back"
