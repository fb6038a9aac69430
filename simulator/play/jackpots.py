"""What a completed round puts into jackpots leaves through the outbox, off the answer's path: the
studio says which pool and how much, the jackpot service computes it for itself (JP-10, JP-41)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from simulator.play.calls import Way
from simulator.play.rows import PlayRound
from simulator.store.tx import Tx
from simulator.wire.messages import Message, Money


class Contribution(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a studio's transaction."""

    type: str
    txn_id: str = ""
    pool_id: str = ""
    amount: Decimal | None = None


def contribute(tx: Tx, way: Way, row: PlayRound, bet_id: str, txns: Sequence[Any]) -> None:
    """Ask the jackpot service to take each contribution of a round, once: its transaction's id
    names it. One that cannot be read is none."""
    for txn in txns:
        try:
            said = msgspec.convert(txn, Contribution)
        except msgspec.ValidationError:
            continue
        if said.type != "jackpot_contribution" or said.amount is None:
            continue
        body = {
            "jp_contrib_id": said.txn_id,
            "tenant_id": row.tenant,
            "pool_id": said.pool_id,
            "round_id": row.round_id,
            "bet_id": bet_id,
            "player_id": row.player_id,
            "bet": Money.of(row.stake, row.currency),
            "contribution": {"amount": said.amount, "currency": row.currency},
            "idempotency_key": (key := f"{said.txn_id}-jp"),
        }
        tx.ask(way.post("jackpot", "/v1/jp/contributions", key, body))
