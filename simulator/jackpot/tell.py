"""The events of the jackpot service (JP-20). None of them knows a point before it has fallen."""

import msgspec

from simulator.jackpot.rows import ContributionRow, PayoutRow, PoolRow
from simulator.store.tx import Tx
from simulator.wire.events import Event
from simulator.wire.messages import Money


class ContributionRecorded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `jp.contribution.recorded` and `jp.contribution.reversed`."""

    jp_contrib_id: str
    pool_id: str
    round_id: str
    bet_id: str
    bet: Money
    contribution: Money
    cycle: int
    charged_to: str | None = None


class PoolUpdated(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `jp.pool.updated`: how the pool stands, for those who show it."""

    pool_id: str
    size: Money
    cycle: int
    status: str


class PoolTriggered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `jp.triggered`."""

    jp_trigger_id: str
    jp_payout_id: str
    pool_id: str
    round_id: str
    reason: str
    level: str
    hit: int
    amount: Money


class PayoutTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `jp.payout.*`, and of the `rg.limit.hit` and `aml.alert.opened` it causes."""

    jp_payout_id: str
    pool_id: str
    round_id: str
    amount: Money
    attempt: int
    reason: str | None = None


class ConfigChanged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `jp.config.changed`: who has changed what, and why."""

    pool_id: str
    decision_id: str
    what: str
    reason: str
    approved_by: str
    version: int


def contribution(tx: Tx, row: ContributionRow, topic: str = "jp.contribution.recorded") -> None:
    """A contribution came in, or went back."""
    payload = ContributionRecorded(
        jp_contrib_id=row.jp_contrib_id,
        pool_id=row.pool_id,
        round_id=row.round_id,
        bet_id=row.bet_id,
        bet=Money.of(row.stake, row.currency),
        contribution=Money.of(row.amount, row.currency),
        cycle=row.cycle,
        charged_to=row.charged_to,
    )
    tx.emit(Event(topic=topic, payload=payload, player_id=row.player_id))


def pool(tx: Tx, row: PoolRow) -> None:
    """A pool has another size, cycle or state."""
    payload = PoolUpdated(
        pool_id=row.pool_id,
        size=Money.of(row.size, row.currency),
        cycle=row.cycle,
        status=row.status,
    )
    tx.emit(Event(topic="jp.pool.updated", payload=payload))


def payout(tx: Tx, row: PayoutRow, topic: str) -> None:
    """A payout has come further, or was stopped."""
    payload = PayoutTold(
        jp_payout_id=row.jp_payout_id,
        pool_id=row.pool_id,
        round_id=row.round_id,
        amount=Money.of(row.amount, row.currency),
        attempt=row.attempt,
        reason=row.reason,
    )
    tx.emit(Event(topic=topic, payload=payload, player_id=row.player_id))
