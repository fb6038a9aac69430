"""Test players with a script, documented like test card numbers (RGS-32, docs/test-world.md).

What happens to them by itself is what a test would otherwise have to bring about in the middle of
a round. It happens in the decision that takes a stake of theirs, after everything else of it.
"""

from collections.abc import Callable

from simulator.base.clock import NS_PER_S
from simulator.store.tx import Tx
from simulator.wallet import rg
from simulator.wallet.rows import Player, Session

REALITY_CHECK_NS = 3_600 * NS_PER_S
"""The interval of a scripted reality check: an hour, as in the strictest market of the world."""


def after_stake(tx: Tx, player_id: str, session: Session | None) -> None:
    """A stake of this player was held or taken."""
    act = SCRIPTS.get(player_id)
    if act is not None:
        act(tx, player_id, session)


def reality_check_ns(player_id: str, asked_ns: int | None) -> int | None:
    """How often a session's reality check is due: as it was asked for, but that a player whose
    script is about it always has one."""
    return asked_ns or (REALITY_CHECK_NS if player_id == "p_reality_check" else None)


def _exclude(tx: Tx, player_id: str, _session: Session | None) -> None:
    player = tx.get(Player, (tx.caller.tenant, player_id))
    if player is not None and not player.self_excluded:
        tx.put(player.but(self_excluded=1))


def _check(tx: Tx, _player_id: str, session: Session | None) -> None:
    if session is not None:
        tx.put(_now(tx, session).but(reality_due_ns=tx.now_ns))


def _expire(tx: Tx, player_id: str, session: Session | None) -> None:
    player = tx.get(Player, (tx.caller.tenant, player_id))
    if session is not None and player is not None:
        rg.session_ended(tx, player, session.session_id)
        tx.put(_now(tx, session).but(expires_ns=tx.now_ns))


def _now(tx: Tx, session: Session) -> Session:
    """The session as this decision has left it."""
    return tx.get(Session, (session.tenant, session.session_id)) or session


SCRIPTS: dict[str, Callable[[Tx, str, Session | None], None]] = {
    "p_excluded_midround": _exclude,
    "p_reality_check": _check,
    "p_session_expires": _expire,
}
"""Which player has which script; the fourth of them only has a limit (`inhabitants.py`)."""
