"""Responsible gaming: who may play now, what the player has to be shown, what has changed.

(RGS-30, RGS-31, RGS-33) A refusal is an answer, not a raise, so that its `rg_event` leaves with it.
"""

from simulator.base.clock import NS_PER_MS, NS_PER_S, iso
from simulator.base.errors import Duplicate, InvalidState, RateLimited, RgBlocked
from simulator.rgs import players, practice, sessions
from simulator.rgs.builds import MarketBuild
from simulator.rgs.rows import GamePlayer, GameSession, RgChange
from simulator.rgs.tell import RgEvent, tell
from simulator.store.tx import Again, Reads, Tx
from simulator.wire import rgs as m
from simulator.wire.events import Event

PAID = frozenset({"cash", "bonus", "tournament"})
"""What a player starts anew. A free spin was given before, and finishes (RGS-31)."""


def judge(
    tx: Tx, session: GameSession, player: GamePlayer, build: MarketBuild, ask: m.Spin
) -> RgBlocked | None:
    """The refusal of this spin, told as `rg_event`; None where it may be played."""
    blocked = _missing_warning(session, build)
    if blocked is None and ask.spin_type in PAID:
        blocked = _blocked(tx, session, player)
    if blocked is not None:
        payload = RgEvent(
            type="rg_event",
            ts=iso(tx.now_ns),
            reason=str(blocked.details["reason"]),
            player_id=session.player_id,
            spin_id=ask.spin_id,
            round_id=ask.round_id,
            game_id=session.game_id,
            operator_id=session.operator_id,
            session_time_ms=sessions.time_ms(session, tx.now_ns),
        )
        tell(tx, session, "rg_event", payload)
    return blocked


def require_pause(tx: Reads, session: GameSession, build: MarketBuild, ask: m.Spin) -> None:
    """Raises RateLimited for a paid spin that comes sooner after the last than its market allows
    (RGS-21); the same call works later."""
    interval_ms = build.market.min_spin_interval_ms
    if ask.spin_type not in PAID or session.paid_ns is None:
        return
    wait_ns = session.paid_ns + interval_ms * NS_PER_MS - tx.now_ns
    if wait_ns > 0:
        raise RateLimited(
            f"market {build.market_name} allows a spin every {interval_ms} ms",
            details={"limit": "min_spin_interval_ms", "wait_ms": -(-wait_ns // NS_PER_MS)},
            retry_after_s=-(-wait_ns // NS_PER_S),
        )


def set_player_rg(tx: Tx, ask: m.SetPlayerRg) -> m.PlayerRg | Again:
    """A player is self-excluded, or no longer: it binds the next paid spin of every session."""
    caller = tx.caller
    player = players.lock(tx, ask.player_id)
    known = tx.get(RgChange, (caller.tenant, ask.change_id))
    if known is not None:
        if (known.player_id, known.excluded) != (ask.player_id, int(ask.self_excluded)):
            raise Duplicate(
                f"change {ask.change_id} said something else", details={"change_id": ask.change_id}
            )
        return Again(known.op)
    if player is None:
        player = GamePlayer(
            tenant=caller.tenant,
            player_id=ask.player_id,
            brand=caller.brand,
            region=caller.region,
            excluded=0,
            changed_ns=tx.now_ns,
        )
    tx.put(player.but(excluded=int(ask.self_excluded), changed_ns=tx.now_ns))
    tx.put(
        RgChange(
            tenant=caller.tenant,
            change_id=ask.change_id,
            player_id=ask.player_id,
            excluded=int(ask.self_excluded),
            op=tx.position,
        )
    )
    reason = "self_excluded" if ask.self_excluded else "exclusion_ended"
    payload = RgEvent(type="rg_event", ts=iso(tx.now_ns), reason=reason, player_id=ask.player_id)
    tx.emit(Event(topic="rg_event", payload=payload, player_id=ask.player_id))
    return m.PlayerRg(
        player_id=ask.player_id, self_excluded=ask.self_excluded, changed_at=iso(tx.now_ns)
    )


def acknowledge(tx: Tx, ask: m.Acknowledge) -> m.Session:
    """The player has seen the reminder that waited: the next is due an interval from now."""
    session = sessions.require(tx, ask.session_id)
    tx.lock(GamePlayer, (session.tenant, session.player_id))
    every_ns = session.reminder_every_ns
    if every_ns is None or ask.reminder_id != sessions.reminder_id(session):
        raise InvalidState(
            f"no reminder {ask.reminder_id} is waiting", details={"reason": "no_reminder"}
        )
    session = tx.put(session.but(reminder=session.reminder + 1, reminder_ns=tx.now_ns + every_ns))
    return sessions.show(tx, session)


def _blocked(tx: Reads, session: GameSession, player: GamePlayer) -> RgBlocked | None:
    """Why no new paid spin may be played now."""
    limit_min = session.time_limit_min
    if player.excluded or practice.self_excluded(session):
        return RgBlocked(
            f"player {session.player_id} is self-excluded; no new paid spin is played",
            details={"reason": "self_excluded"},
        )
    if limit_min is not None and sessions.time_ms(session, tx.now_ns) >= limit_min * 60_000:
        return RgBlocked(
            f"the session's time limit of {limit_min} min is reached",
            details={"reason": "time_limit"},
        )
    if practice.limit_reached(session):
        return RgBlocked(
            "a limit of the player's own is reached", details={"reason": "limit_reached"}
        )
    due_ns = session.reminder_ns
    if due_ns is not None and (tx.now_ns >= due_ns or practice.reminder_due(session)):
        return RgBlocked(
            "a reminder is due; POST /rgs/v1/sessions/{session_id}/acknowledge when it was seen",
            details={"reason": "reminder", "reminder_id": sessions.reminder_id(session)},
        )
    return None


def _missing_warning(session: GameSession, build: MarketBuild) -> RgBlocked | None:
    if not build.market.warnings:
        return None
    shown = session.displayed.split()
    missing = [label for label in build.market.warnings if label not in shown]
    if not missing:
        return None
    return RgBlocked(
        f"the market build asks for {', '.join(missing)}, which the client has not displayed",
        details={"reason": "warnings_missing", "missing": missing},
    )
