"""Players as the studio knows them: a name within a tenant is of one brand, the first to use it."""

from simulator.base.errors import NotFound
from simulator.rgs.rows import GamePlayer
from simulator.store.owned import mine
from simulator.store.tx import Tx


def lock(tx: Tx, player_id: str) -> GamePlayer | None:
    """The caller's player, locked; None for one that nobody has named yet.

    Raises NotFound for another brand's: its state is neither shown nor changed (PRV-11, PRV-63).
    """
    player = tx.lock(GamePlayer, (tx.caller.tenant, player_id))
    if player is not None and mine(tx, player) is None:
        raise NotFound(f"there is no player {player_id}", details={"player_id": player_id})
    return player
