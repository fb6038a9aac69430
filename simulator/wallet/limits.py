"""Who may bet, and how much: responsible gaming first, then the session's limits (WAL-13..15)."""

from collections.abc import Callable

from simulator.base.clock import iso
from simulator.base.errors import CurrencyMismatch, LimitExceeded, RgBlock
from simulator.store.tx import Reads, Tx
from simulator.wallet import sessions
from simulator.wallet.profile import Profile
from simulator.wallet.rows import Player, Session
from simulator.wire.messages import Money


def require_may_play(tx: Reads, player: Player | None) -> None:
    """A lock binds at once, with or without a session (WAL-13)."""
    if player is None or player.status == "disabled":
        raise RgBlock("the player is disabled", details={"reason": "disabled"})
    if player.self_excluded:
        raise RgBlock("the player is self-excluded", details={"reason": "self_excluded"})
    if player.time_out_ns is not None and player.time_out_ns > tx.now_ns:
        until = iso(player.time_out_ns)
        raise RgBlock(f"the player takes time out until {until}", details={"reason": "time_out"})


def require_may_bet(tx: Tx, player: Player | None, session: Session) -> None:
    """A lock binds at once; wins and rollbacks never come through here (WAL-13, WAL-14, WAL-65)."""
    require_may_play(tx, player)
    if session.excluded:
        raise RgBlock("the player is self-excluded", details={"reason": "self_excluded"})
    sessions.require_open(tx, session)


def reality_check(tx: Tx, session: Session, profile: Profile) -> RgBlock | None:
    """The refusal while a reality check is due, until it is acknowledged or, by profile, once.

    To be returned, not raised: what `once` notes down is to stay (WAL-65).
    """
    if session.reality_due_ns is None or session.reality_due_ns > tx.now_ns:
        return None
    _SHOWN[profile.reality_check](tx, session)
    return RgBlock(
        "a reality check is due; POST /v1/sessions/{session_id}/acknowledge when it was seen",
        details={"reason": "reality_check"},
    )


_SHOWN: dict[str, Callable[[Tx, Session], None]] = {
    "until_acknowledged": lambda _tx, _session: None,
    "once": sessions.show_reality_check,
}
"""What becomes of a reality check that has blocked a bet."""


def require_stake(session: Session, stake: Money) -> None:
    """Within min, max and step; a zero stake is exempt from min and step (WAL-05, WAL-15)."""
    if stake.currency != session.currency:
        raise CurrencyMismatch(f"the session is in {session.currency}, the stake {stake.currency}")
    minor = stake.minor
    if session.max_bet is not None and minor > session.max_bet:
        raise _outside("max_bet", session.max_bet, stake, "is above")
    if minor == 0:
        return
    if session.min_bet is not None and minor < session.min_bet:
        raise _outside("min_bet", session.min_bet, stake, "is below")
    if session.step is not None and minor % session.step:
        raise _outside("step", session.step, stake, "is not a multiple of")


def _outside(name: str, limit_minor: int, stake: Money, how: str) -> LimitExceeded:
    limit = Money.of(limit_minor, stake.currency)
    return LimitExceeded(
        f"a stake of {stake.amount} {how} the session's {name} {limit.amount} {limit.currency}",
        details={"limit": name, "value": limit},
    )
