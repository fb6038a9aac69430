"""Game sessions: opened for one player and game, ended by a call or by time (PRV-20, PRV-28)."""

from typing import Literal

import msgspec

from simulator.base.clock import NS_PER_S, iso, iso_or_none
from simulator.base.errors import CurrencyMismatch, InvalidState
from simulator.store.owned import require_mine
from simulator.store.tx import Reads, Tx
from simulator.wallet import catalogue, rg, scripted
from simulator.wallet.access import player_of
from simulator.wallet.rows import Player, Session
from simulator.wire import json
from simulator.wire import messages as m
from simulator.wire.events import Event, RealityCheck, SessionEnded, SessionStarted

SESSION_TTL_NS = 3_600 * NS_PER_S
"""An hour: longer than any test of one session, shorter than a night's run."""


def create_session(tx: Tx, ask: m.CreateSession) -> m.Session:
    """Open a session. An excluded player may open one: open rounds are finished in it (WAL-13)."""
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    if ask.currency != player.currency:
        raise CurrencyMismatch(f"the player's wallet is in {player.currency}, not {ask.currency}")
    geo = ask.geo or player.country
    build_hash = catalogue.certified_build(ask.game_id, geo, ask.build_hash)
    limits = ask.constraints
    check_min = limits.rg_flags.reality_check_min
    asked_ns = None if check_min is None else check_min * 60 * NS_PER_S
    check_ns = scripted.reality_check_ns(player.player_id, asked_ns)
    step = m.session_minor(limits.step, ask.currency, "constraints.step")
    if step == 0:
        raise m.invalid("constraints.step", "must be above zero")
    most = m.session_minor(limits.max_bet, ask.currency, "constraints.max_bet")
    least = m.session_minor(limits.min_bet, ask.currency, "constraints.min_bet")
    if most is not None and least is not None and least > most:
        raise m.invalid("constraints.min_bet", "is above max_bet, so nothing could be staked")
    session = tx.put(
        Session(
            tenant=player.tenant,
            session_id=tx.mint("s"),
            brand=player.brand,
            region=player.region,
            player_id=player.player_id,
            game_id=ask.game_id,
            build_hash=build_hash,
            geo=geo,
            currency=player.currency,
            locale=ask.locale,
            constraints=json.encode(limits),
            max_bet=most,
            min_bet=least,
            step=step,
            excluded=int(limits.rg_flags.self_exclusion),
            created_ns=tx.now_ns,
            expires_ns=tx.now_ns + SESSION_TTL_NS,
            reality_check_ns=check_ns,
            reality_due_ns=None if check_ns is None else tx.now_ns + check_ns,
        )
    )
    rg.session_opened(tx, player, session.session_id, session.expires_ns)
    payload = SessionStarted(ask.game_id, player.currency, geo, iso(session.expires_ns))
    _tell(tx, session, "session.started", payload)
    return view(session, tx.now_ns)


def read_session(tx: Reads, ask: m.ReadSession) -> m.Session:
    """One session."""
    return view(require(tx, ask.session_id), tx.now_ns)


def end_session(tx: Tx, ask: m.EndSession) -> m.Session:
    """End a session; one that has ended is answered as it is. Open bets stay (WAL-20, WAL-46)."""
    session = require(tx, ask.session_id)
    player = tx.lock(Player, (session.tenant, session.player_id))
    if session.ended_ns is None:
        rg.session_ended(tx, player, session.session_id)
        session = tx.put(session.but(ended_ns=tx.now_ns))
        _tell(tx, session, "session.ended", SessionEnded(session.game_id, "ended by the provider"))
    return view(session, tx.now_ns)


def acknowledge(tx: Tx, ask: m.AcknowledgeRealityCheck) -> m.Session:
    """The player saw the reality check: the next one is due a whole interval from now (PRV-28)."""
    session = require(tx, ask.session_id)
    tx.lock(Player, (session.tenant, session.player_id))
    require_open(tx, session)
    if session.reality_check_ns is None:
        raise InvalidState(
            "this session has no reality check; constraints.rg_flags.reality_check_min sets one",
            details={"reason": "no_reality_check"},
        )
    session = tx.put(session.but(reality_due_ns=tx.now_ns + session.reality_check_ns))
    _tell(tx, session, "rg.reality_check", RealityCheck(acknowledged=True))
    return view(session, tx.now_ns)


def show_reality_check(tx: Tx, session: Session) -> None:
    """A due reality check was shown by a refused bet: the next is due an interval from now."""
    tx.put(session.but(reality_due_ns=tx.now_ns + (session.reality_check_ns or 0)))
    _tell(tx, session, "rg.reality_check", RealityCheck(acknowledged=False))


def require(tx: Reads, session_id: str) -> Session:
    """The caller's session, in whatever state. Raises NotFound (WAL-14)."""
    return require_mine(tx, tx.get(Session, (tx.caller.tenant, session_id)), "session", session_id)


def peek(tx: Reads, session_id: str | None) -> Session | None:
    """The session behind a bet, if there is one."""
    return None if session_id is None else tx.get(Session, (tx.caller.tenant, session_id))


def require_open(tx: Reads, session: Session) -> None:
    """Raises InvalidState for a session that ended or expired (WAL-14)."""
    status = _status(session, tx.now_ns)
    if status != "open":
        raise InvalidState(
            f"session {session.session_id} has {status}"
            + (f" at {iso(session.expires_ns)}" if status == "expired" else ""),
            details={"reason": f"session_{status}", "session_id": session.session_id},
        )


def view(session: Session, now_ns: int) -> m.Session:
    """A session as providers see it."""
    return m.Session(
        session_id=session.session_id,
        player_id=session.player_id,
        game_id=session.game_id,
        currency=session.currency,
        locale=session.locale,
        geo=session.geo,
        build_hash=session.build_hash,
        status=_status(session, now_ns),
        created_at=iso(session.created_ns),
        expires_at=iso(session.expires_ns),
        ended_at=iso_or_none(session.ended_ns),
        reality_check_due_at=iso_or_none(session.reality_due_ns),
        constraints=msgspec.convert(json.decode(session.constraints), m.Constraints),
    )


def _status(session: Session, now_ns: int) -> Literal["open", "ended", "expired"]:
    if session.ended_ns is not None:
        return "ended"
    return "open" if now_ns < session.expires_ns else "expired"


def _tell(
    tx: Tx, session: Session, topic: str, payload: SessionStarted | SessionEnded | RealityCheck
) -> None:
    tx.emit(
        Event(
            topic=topic,
            payload=payload,
            player_id=session.player_id,
            session_id=session.session_id,
            build_hash=session.build_hash,
        )
    )
