"""Rounds: written when they open and when they end, and nothing in between (PRV-33).

Whatever happens from the one to the other is in the keys of the calls, which are made of the
round's id; so a round that was interrupted is taken up where it was (`spinning.py`).
"""

from typing import Any, TypeVar

import msgspec

from simulator.base.clock import NS_PER_S, iso, iso_or_none
from simulator.base.errors import (
    CurrencyMismatch,
    Duplicate,
    InProgress,
    RateLimited,
)
from simulator.play import jackpots, sessions
from simulator.play.calls import Said, Way, spin_of
from simulator.play.rows import PlayRound, PlaySession
from simulator.store.owned import require_mine
from simulator.store.tx import Reads, Tx
from simulator.wire import json
from simulator.wire import play as p
from simulator.wire.events import Event
from simulator.wire.messages import Balance, Message, Money, invalid

K = TypeVar("K")

PAID = ("cash", "tournament")
"""Spins that are staked with the player's own money; a free one costs nothing, and may win."""


class Opened(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A round that is open: what its calls are made of; or one that has ended before."""

    way: Way
    round_id: str
    player_id: str
    game_id: str
    timing: p.DebitTiming | None
    """None where the studio has the money."""
    paid: Money
    known: p.Round | None = None

    @property
    def spin_id(self) -> str:
        """The one id of its spin, its bet and its debit."""
        return spin_of(self.round_id)


class Ended(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How a round has ended, and whether the wallet is left to be told."""

    opened: Opened
    session_id: str
    status: p.RoundStatus
    win: Money | None = None
    outcome: p.Outcome | None = None
    rgs_txns: list[Any] = msgspec.field(default_factory=list)
    balance: Balance | None = None
    said: Said | None = None
    close_wallet: bool = False


# Decisions ----------------------------------------------------------------------------------------


def open_round(tx: Tx, ask: p.PlayRound) -> Opened:
    """Write a round down before anything of it happens.

    Raises NotFound, InvalidState for a session that is over, CurrencyMismatch, RateLimited for one
    that comes too early, ValidationFailed for a name that a session uses; for a known round
    InProgress, Duplicate, or how it was refused (PRV-32).
    """
    found = sessions.require(tx, ask.session_id)
    session = tx.lock(PlaySession, (found.tenant, found.session_id)) or found
    asked = json.encode(msgspec.structs.replace(ask, round_id=None))
    if ask.round_id is not None:
        known = tx.get(PlayRound, (session.tenant, ask.round_id))
        if known is not None:
            return _known(tx, known, session, asked)
        _require_free_name(tx, session.tenant, ask.round_id)
    if session.status != "open":
        raise sessions.ended(session)
    if ask.stake.currency != session.currency:
        raise CurrencyMismatch(
            f"the session is in {session.currency}, the stake in {ask.stake.currency}"
        )
    _require_time(tx, session)
    stake_minor = ask.stake.minor
    row = tx.put(
        PlayRound(
            tenant=session.tenant,
            round_id=ask.round_id or tx.mint("r"),
            brand=session.brand,
            region=session.region,
            session_id=session.session_id,
            player_id=session.player_id,
            game_id=session.game_id,
            currency=session.currency,
            timing=_timing(session, ask),
            spin_type=ask.spin_type,
            mode=ask.mode,
            stake=stake_minor,
            paid=stake_minor if ask.spin_type in PAID else 0,
            asked=asked,
            opened_op=tx.position,
            opened_ns=tx.now_ns,
        )
    )
    tx.put(session.but(open_rounds=session.open_rounds + 1, last_ns=tx.now_ns))
    _tell(tx, row, session, "round.opened")
    return _opened(tx, row, session)


def end_round(tx: Tx, ended: Ended) -> p.Round:
    """Write down what became of a round, once; what is left to be said of it leaves through the
    outbox (WAL-61)."""
    opened = ended.opened
    session = tx.lock(PlaySession, (tx.caller.tenant, ended.session_id))
    row = tx.get(PlayRound, (tx.caller.tenant, opened.round_id))
    if session is None or row is None or row.status != "open":
        raise RuntimeError(f"round {opened.round_id} is not open")
    said = ended.said
    won = 0 if ended.win is None else ended.win.minor
    row = tx.put(
        row.but(
            status=ended.status,
            win=None if ended.win is None else won,
            outcome=None if ended.outcome is None else json.encode(ended.outcome),
            txns=None if ended.outcome is None else json.encode(ended.rgs_txns),
            balance=None if ended.balance is None else json.encode(ended.balance),
            refused_by=None if said is None else said.by,
            refusal=None if said is None else json.encode(said),
            ended_op=tx.position,
            ended_ns=tx.now_ns,
        )
    )
    done = ended.status == "completed"
    session = tx.put(
        session.but(
            open_rounds=session.open_rounds - 1,
            rounds=session.rounds + done,
            staked=session.staked + (row.paid if done else 0),
            won=session.won + won,
        )
    )
    _close(tx, ended)
    if done:
        jackpots.contribute(tx, opened.way, row, opened.spin_id, ended.rgs_txns)
    else:
        jackpots.take_back(tx, opened.way, ended.rgs_txns)
    _tell(tx, row, session, f"round.{ended.status}")
    return view(row)


def read_round(tx: Reads, ask: p.RoundRef) -> p.Round:
    """One round."""
    row = tx.get(PlayRound, (tx.caller.tenant, ask.round_id))
    return view(require_mine(tx, row, "round", ask.round_id))


def view(row: PlayRound) -> p.Round:
    """A round as the game client sees it."""
    said = None if row.refusal is None else _said(row.refusal)
    return p.Round(
        round_id=row.round_id,
        session_id=row.session_id,
        player_id=row.player_id,
        game_id=row.game_id,
        status=row.status,
        debit_timing=row.timing,
        spin_type=row.spin_type,
        mode=row.mode,
        stake=Money.of(row.stake, row.currency),
        win=None if row.win is None else Money.of(row.win, row.currency),
        outcome=None if row.outcome is None else _read(row.outcome, p.Outcome),
        rgs_txns=None if row.txns is None else json.decode(row.txns),
        balance=None if row.balance is None else _read(row.balance, Balance),
        refusal=None if said is None else said.shown(),
        opened_at=iso(row.opened_ns),
        ended_at=iso_or_none(row.ended_ns),
    )


def _known(tx: Tx, row: PlayRound, session: PlaySession, asked: bytes) -> Opened:
    """A round that is known already, under another key: told again, never played again."""
    if row.asked != asked or row.session_id != session.session_id:
        raise Duplicate(
            f"round {row.round_id} is played already, with other parameters",
            details={"round_id": row.round_id},
        )
    if row.status == "open":
        raise InProgress(f"round {row.round_id} is under way", retry_after_s=1)
    if row.refusal is not None:
        raise _said(row.refusal).problem()
    return msgspec.structs.replace(_opened(tx, row, session), known=view(row))


def _opened(tx: Tx, row: PlayRound, session: PlaySession) -> Opened:
    way = Way(
        brand=row.brand,
        region=row.region,
        provider=session.provider,
        trace_id=tx.caller.trace_id,
    )
    return Opened(
        way=way,
        round_id=row.round_id,
        player_id=row.player_id,
        game_id=row.game_id,
        timing=row.timing,
        paid=Money.of(row.paid, row.currency),
    )


def _timing(session: PlaySession, ask: p.PlayRound) -> p.DebitTiming | None:
    """When the wallet is asked for the stake; None where the studio has the money, which is that of
    cash spins only (RGS-06): any other spin of a transfer session is paid at the wallet."""
    return None if session.model == "transfer" and ask.spin_type == "cash" else session.timing


def _require_free_name(tx: Tx, tenant: str, round_id: str) -> None:
    """Raises ValidationFailed for a round that would be taken for a session or for the round of its
    transfer: they share their names' room at the wallet, and their calls' keys."""
    session_id = round_id.removesuffix(sessions.TRANSFER)
    if tx.get(PlaySession, (tenant, session_id)) is not None:
        raise invalid("round_id", f"is a name that session {session_id} uses itself")


def _require_time(tx: Tx, session: PlaySession) -> None:
    """A market may ask for a pause between two rounds (RGS-21). Raises RateLimited."""
    if session.last_ns is None:
        return
    wait_ns = session.last_ns + session.interval_ns - tx.now_ns
    if wait_ns > 0:
        raise RateLimited(
            f"the market asks for {session.interval_ns // 1_000_000} ms between two rounds",
            retry_after_s=-(-wait_ns // NS_PER_S),
        )


def _close(tx: Tx, ended: Ended) -> None:
    """Nothing is accepted on it any more at the wallet (WAL-60); at the studio it has ended."""
    opened = ended.opened
    round_id, way = opened.round_id, opened.way
    if ended.close_wallet:
        outcome = "completed" if ended.status == "completed" else "cancelled"
        target, body = f"/v1/rounds/{round_id}/close", {"outcome": outcome}
        tx.ask(way.post("wallet", target, f"{round_id}-close", body))


def _tell(tx: Tx, row: PlayRound, session: PlaySession, topic: str) -> None:
    said = None if row.refusal is None else _said(row.refusal)
    tx.emit(
        Event(
            topic=topic,
            payload=p.RoundTold(
                round_id=row.round_id,
                game_id=row.game_id,
                spin_type=row.spin_type,
                stake=Money.of(row.stake, row.currency),
                win=None if row.win is None else Money.of(row.win, row.currency),
                code=said.code if said else None,
            ),
            player_id=row.player_id,
            session_id=row.session_id,
            build_hash=session.build_hash,
        )
    )


def _said(kept: bytes) -> Said:
    return _read(kept, Said)


def _read(kept: bytes, kind: type[K]) -> K:
    return msgspec.convert(json.decode(kept), kind)
