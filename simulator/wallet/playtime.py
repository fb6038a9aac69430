"""How long a player plays: the time in which at least one game session is open.

Kept only for players with a limit on it. Sessions expire without a decision, so what runs is
computed: from when it was counted last until the last of the open sessions expires.
"""

from simulator.store.tx import Reads, Tx
from simulator.wallet.rows import Player, Playtime, Session
from simulator.wallet.usage import rows
from simulator.wire import json

Running = dict[str, int]
"""The sessions that are open, and when each expires."""


def since(tx: Reads, player: Player, since_ns: int) -> tuple[int, Running]:
    """The time played from an instant until now, and what still runs, from the sessions."""
    played_ns, until_ns = 0, since_ns
    running: Running = {}
    for session in rows(tx, Session, player, "expires_ns", since_ns):
        end_ns = session.expires_ns if session.ended_ns is None else session.ended_ns
        start_ns = max(session.created_ns, until_ns)
        until_ns = max(until_ns, min(end_ns, tx.now_ns))
        played_ns += max(0, until_ns - start_ns)
        if session.ended_ns is None and session.expires_ns > tx.now_ns:
            running[session.session_id] = session.expires_ns
    return played_ns, running


def running(tx: Reads, player: Player, since_ns: int) -> int:
    """The time that has run since it was counted last, but not before an instant."""
    kept = tx.get(Playtime, (player.tenant, player.player_id))
    if kept is None:
        return 0
    until_ns = min(tx.now_ns, max(_running(kept).values(), default=0))
    return max(0, until_ns - max(kept.counted_ns, since_ns))


def keep(tx: Tx, player: Player, running: Running) -> None:
    """From now on these run; the time until now is counted."""
    kept = tx.get(Playtime, (player.tenant, player.player_id))
    text = json.encode(running)
    if kept is None:
        tx.put(
            Playtime(
                tenant=player.tenant, player_id=player.player_id, counted_ns=tx.now_ns, running=text
            )
        )
    else:
        tx.put(kept.but(counted_ns=tx.now_ns, running=text))


def opened(tx: Tx, player: Player, session_id: str, expires_ns: int) -> None:
    """One more runs."""
    keep(tx, player, {**_still(tx, player), session_id: expires_ns})


def ended(tx: Tx, player: Player, session_id: str) -> None:
    """One runs no more."""
    keep(tx, player, {n: at for n, at in _still(tx, player).items() if n != session_id})


def _still(tx: Reads, player: Player) -> Running:
    kept = tx.get(Playtime, (player.tenant, player.player_id))
    if kept is None:
        return {}
    return {name: at_ns for name, at_ns in _running(kept).items() if at_ns > tx.now_ns}


def _running(kept: Playtime) -> Running:
    return {str(name): int(at_ns) for name, at_ns in json.decode(kept.running).items()}
