"""Test players to whom responsible gaming happens by itself, like test card numbers (RGS-32).

`docs/rgs.md` lists them; a test compares the two. Each counts the paid spins of its session.
"""

from simulator.rgs.rows import GameSession

EXCLUDED_MIDROUND = "p_excluded_midround"
LIMIT_ON_5TH = "p_limit_on_5th"
REALITY_CHECK = "p_reality_check"
SESSION_EXPIRES = "p_session_expires"

PLAYERS = {
    EXCLUDED_MIDROUND: "is self-excluded after the first paid spin: the second is refused",
    LIMIT_ON_5TH: "reaches a limit of their own: the fifth paid spin is refused",
    REALITY_CHECK: "is reminded after the second paid spin: nothing more until it is acknowledged",
    SESSION_EXPIRES: "has a session that expires after the third paid spin",
}
"""Player → what happens."""


def self_excluded(session: GameSession) -> bool:
    """True once the player's exclusion has come from nowhere."""
    return session.player_id == EXCLUDED_MIDROUND and session.paid >= 1


def limit_reached(session: GameSession) -> bool:
    """True where the next paid spin is one too many."""
    return session.player_id == LIMIT_ON_5TH and session.paid >= 4


def reminder_due(session: GameSession) -> bool:
    """True while the first reminder, which comes early, waits."""
    return session.player_id == REALITY_CHECK and session.paid >= 2 and session.reminder == 1


def session_expires(session: GameSession) -> bool:
    """True once the session's time is over, though it is not."""
    return session.player_id == SESSION_EXPIRES and session.paid >= 3
