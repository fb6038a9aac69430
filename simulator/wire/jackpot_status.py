"""How the jackpot service stands: figures, alerts and what its calls took (JP-50, JP-51).

Counts and amounts are of the rows, so they are the same after a restart; `calls` are of this
process. Rates are decimals with 12 digits. Nothing here knows a hidden point (WAL-93).
"""

from decimal import Decimal
from typing import Literal

from simulator.wire.jackpot_pools import Level, PoolKind, PoolStatus
from simulator.wire.messages import Message, Money

AlertName = Literal["payout_failures", "at_cap", "drift"]


class Limits(Message, frozen=True, kw_only=True, omit_defaults=False):
    """When an alert fires: above these, in the time that `window_s` looks back."""

    window_s: int = 86_400
    payout_failures_percent: int = 5
    at_cap_percent: int = 10
    drift_ppm: int = 0


class PoolFigures(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One pool. `hit_rate` is hits for each bet; times are seconds of the world's clock."""

    pool_id: str
    kind: PoolKind
    level: Level
    status: PoolStatus
    size: Money
    bets: int
    hits: int
    contributed: Money
    paid: Money
    average_contribution: Decimal
    hit_rate: Decimal
    at_cap_percent: Decimal
    drift_ppm: int
    cap: Money | None = None
    average_time_to_drop_s: Decimal | None = None
    last_time_to_drop_s: Decimal | None = None


class PayoutFigures(Message, frozen=True, kw_only=True):
    """Payouts of one brand, region, pool and state."""

    brand: str
    region: str
    pool_id: str
    level: Level
    status: str
    count: int
    sum: Money


class CallFigures(Message, frozen=True, kw_only=True):
    """Calls of one operation in this process: those that came in, or those that went out to another
    party. Quantiles in microseconds of real time; errors by their codes."""

    direction: Literal["in", "out"]
    operation: str
    count: int
    sum_us: int
    p50_us: int
    p95_us: int
    p99_us: int
    errors: dict[str, int]


class QueueFigures(Message, frozen=True, kw_only=True):
    """What was begun and is not finished: how much, and how long the oldest has waited by the
    world's clock."""

    pending: int
    lag_s: Decimal


class Alert(Message, frozen=True, kw_only=True):
    """A rule, of what it was asked, what it found and whether that is too much."""

    alert: AlertName
    of: str
    value: Decimal
    limit: Decimal
    firing: bool


class JackpotStatus(Message, frozen=True, kw_only=True):
    """The service at one moment of its own clock."""

    at: str
    limits: Limits
    pools: list[PoolFigures]
    payouts: list[PayoutFigures]
    queue: QueueFigures
    alerts: list[Alert]
    calls: list[CallFigures]
