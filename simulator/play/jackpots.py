"""What a completed round puts into jackpots leaves through the outbox, off the answer's path: the
studio says which pool and how much, the jackpot service computes it for itself (JP-10, JP-41).

What a round has put in that is cancelled is taken back; where it never came, that keeps it out
(WAL-96).
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec

from simulator.play.calls import Way
from simulator.play.rows import PlayRound
from simulator.store.tx import Tx
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from simulator.wire.events import Event
from simulator.wire.messages import Message, Money


class Contribution(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a studio's transaction."""

    type: str
    txn_id: str = ""
    pool_id: str = ""
    amount: Decimal | None = None


class JackpotContribution(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `jackpot.contribution`: what is read of the jackpot service's answer."""

    jp_contrib_id: str
    pool_id: str
    round_id: str
    bet_id: str
    contribution: Money


class Parts(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a spin that is void had put in."""

    way: Way
    txns: list[Any] = msgspec.field(default_factory=list)


def contribute(tx: Tx, way: Way, row: PlayRound, bet_id: str, txns: Sequence[Any]) -> None:
    """Ask the jackpot service to take each contribution of a round, once: its transaction's id
    names it. One that cannot be read is none."""
    for said in _contributions(txns):
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
        call = way.post("jackpot", "/v1/jp/contributions", key, body)
        tx.ask(call, then=contributed)


def contributed(call: Call, reply: Reply) -> Event | None:
    """What the jackpot service has recorded is told again as the platform's own event (PRV-43);
    what it has refused, or says in words that cannot be read, is none."""
    if reply.status not in (200, 201):
        return None
    try:
        recorded = msgspec.convert(json.decode(reply.body), JackpotContribution)
    except (json.NotJson, msgspec.ValidationError):
        return None
    player_id = json.decode(call.body)["player_id"]
    return Event(topic="jackpot.contribution", payload=recorded, player_id=player_id)


def take_back(tx: Tx, way: Way, txns: Sequence[Any]) -> None:
    """Ask for each contribution of a round that is cancelled to be reversed: somebody may have
    told of it already, the studio's feed at the latest (WAL-96)."""
    for said in _contributions(txns):
        target = f"/v1/jp/contributions/{quote(said.txn_id, safe='')}/reverse"
        tx.ask(way.post("jackpot", target, f"{said.txn_id}-jp-back", {"reason": "cancelled"}))


def take_parts_back(tx: Tx, ask: Parts) -> Parts:
    """The same of a spin that a reconnect has found without a stake."""
    take_back(tx, ask.way, ask.txns)
    return ask


def _contributions(txns: Sequence[Any]) -> Iterator[Contribution]:
    for txn in txns:
        try:
            said = msgspec.convert(txn, Contribution)
        except msgspec.ValidationError:
            continue
        if said.type == "jackpot_contribution" and said.amount is not None:
            yield said
