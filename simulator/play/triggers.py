"""The callback of the jackpot service's own roulette: a pool has fallen on a round of ours (JP-12).

The service tells it until it is heard, so it comes once or several times, in any order; the money
comes to the wallet by itself.
"""

import msgspec

from simulator.base.clock import iso
from simulator.base.errors import Duplicate
from simulator.play.rows import JackpotHeard
from simulator.store.tx import Again, Tx
from simulator.wire import play as p
from simulator.wire.events import Event


class JackpotTriggered(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `jackpot.triggered`."""

    jp_trigger_id: str
    pool_id: str
    reason: str
    round_id: str


def receive(tx: Tx, ask: p.JackpotTrigger) -> p.JackpotReceived | Again:
    """Hear of a fall, once. Raises Duplicate for one that is known with other parameters."""
    chosen = ask.selection
    known = tx.lock(JackpotHeard, (tx.caller.tenant, ask.jp_trigger_id))
    if known is not None:
        same = (known.pool_id, known.reason, known.player_id, known.round_id)
        if same != (ask.pool_id, ask.reason, chosen.player_id, chosen.round_id):
            raise Duplicate(
                f"trigger {ask.jp_trigger_id} is known with other parameters",
                details={"jp_trigger_id": ask.jp_trigger_id},
            )
        return Again(known.op)
    row = tx.put(
        JackpotHeard(
            tenant=tx.caller.tenant,
            jp_trigger_id=ask.jp_trigger_id,
            brand=tx.caller.brand,
            region=tx.caller.region,
            pool_id=ask.pool_id,
            reason=ask.reason,
            player_id=chosen.player_id,
            round_id=chosen.round_id,
            op=tx.position,
            at_ns=tx.now_ns,
        )
    )
    payload = JackpotTriggered(
        jp_trigger_id=row.jp_trigger_id,
        pool_id=row.pool_id,
        reason=row.reason,
        round_id=row.round_id,
    )
    tx.emit(Event(topic="jackpot.triggered", payload=payload, player_id=row.player_id))
    return p.JackpotReceived(
        jp_trigger_id=row.jp_trigger_id, status="received", received_at=iso(row.at_ns)
    )
