"""The messages of the jackpot service's pools and their terms (`openapi/jackpot.yaml`).

The same rules as in `simulator.wire.jackpot`.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from simulator.wire.live import Follow
from simulator.wire.messages import Listing, Message, Money

PoolKind = Literal["fixed", "progressive", "timed", "event"]
Scope = Literal["local", "network"]
Level = Literal["mini", "minor", "major", "grand"]
PoolStatus = Literal["open", "paused"]
TermsStatus = Literal["past", "in_force", "next"]
TriggerBy = Literal["call", "chance", "amount", "time", "schedule"]
Condition = Literal["wallet_offline", "rgs_offline", "clock_out_of_step"]
"""What is out of order (JP-80)."""


Degrading = Literal["pause_triggers", "refuse_contributions"]
"""What a pool does about it."""


class Odds(Message, frozen=True, kw_only=True, omit_defaults=True):
    """An exact chance."""

    numerator: int
    denominator: int


class PoolRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One pool, by its id."""

    pool_id: str


class ListPools(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List the pools of the caller's brand and region, filtered."""

    kind: PoolKind | None = None
    level: Level | None = None
    group: str | None = None


class FollowPools(Follow, frozen=True, kw_only=True, omit_defaults=True):
    """Follow the sizes of the pools of the caller's brand and region, filtered (JP-14)."""

    kind: PoolKind | None = None
    level: Level | None = None
    group: str | None = None


class PoolSize(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How a pool stands at one moment."""

    pool_id: str
    level: Level
    status: PoolStatus
    size: Money
    cycle: int
    hits: int


class SwitchPool(PoolRef, frozen=True, kw_only=True, omit_defaults=True):
    """Pause or resume a pool: who, and why, stays in the audit chain."""

    change_id: str
    reason: str
    approved_by: str

    @property
    def natural_key(self) -> str:
        """Each change is made once."""
        return self.change_id


class Part(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The part of a stake that is contributed."""

    numerator: int
    denominator: int


class Weights(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How a contribution is shared out (JP-34)."""

    current: int
    reserve: int
    seed: int


class OneIn(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A chance: one in so many rounds, of each `per_stake` of the stake where that is given."""

    one_in: int
    per_stake: Money | None = None


class FallsBy(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What lets a pool fall; the other members go with the word that needs them (JP-30, JP-31)."""

    by: TriggerBy
    chance: OneIn | None = None
    min: Money | None = None
    max: Money | None = None
    earliest_s: int | None = None
    latest_s: int | None = None
    starts_at: str | None = None
    open_s: int | None = None
    every_s: int | None = None


class Degrade(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a pool does while something is out of order, and from when on it is (JP-80)."""

    then: Degrading | Literal["go_on"]
    late_s: int = 60
    off_s: int = 30


class ChangeTerms(PoolRef, frozen=True, kw_only=True, omit_defaults=True):
    """Other terms: what is left out stays. What a pool does beside its formula (`degrade`,
    `callback`, `sets_aside`) counts at once where nothing else is named; all else from the next
    fall on."""

    change_id: str
    reason: str
    approved_by: str
    title: str | None = None
    seed: Money | None = None
    cap: Money | None = None
    min_stake: Money | None = None
    max_stake: Money | None = None
    rate: Part | None = None
    split: Weights | None = None
    trigger: FallsBy | None = None
    degrade: Degrade | None = None
    callback: str | None = None
    sets_aside: bool | None = None

    @property
    def natural_key(self) -> str:
        """Each change is made once."""
        return self.change_id


class ReadTerms(PoolRef, frozen=True, kw_only=True, omit_defaults=True):
    """The terms in force, or those of a version."""

    version: int | None = None


class PoolTerms(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a pool's terms. Those that are `next` take effect when the pool falls."""

    pool_id: str
    version: int
    status: TermsStatus
    title: str
    seed: Money
    split: Weights
    trigger: FallsBy
    degrade: Degrade
    sets_aside: bool
    rate: Part | None = None
    cap: Money | None = None
    min_stake: Money | None = None
    max_stake: Money | None = None
    callback: str | None = None


class ReadMath(PoolRef, frozen=True, kw_only=True, omit_defaults=True):
    """The mathematics of a pool for bets of one stake, one after each `each_ms`; `one_in` is the
    chance with which a pool is drawn that falls by call."""

    stake: Decimal | None = None
    each_ms: int = 3_000
    one_in: int | None = None


class Exact(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A number with 12 digits, and the fraction that it is where that is not too long."""

    value: Decimal
    exact: str | None = None


class LevelPart(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One level's part of the hits of its group, and of what they pay."""

    pool_id: str
    level: Level
    hits: Exact
    payouts: Exact


class PoolMath(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The published mathematics of a pool (JP-71). What hangs on its odds is missing where nobody
    has told them."""

    pool_id: str
    version: int
    level: Level
    trigger: TriggerBy
    stake: Money
    each_ms: int
    collected: Exact
    to_pool: Exact
    to_reserve: Exact
    to_seed: Exact
    hit_rate: Exact | None = None
    rounds: Exact | None = None
    time_to_drop_s: Exact | None = None
    payout: Exact | None = None
    seeding: Exact | None = None
    overflow: Exact | None = None
    returned: Exact | None = None
    levels: list[LevelPart] = msgspec.field(default_factory=list)


class RegionHit(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A fall in a region, by a reference that tells of nobody."""

    reference: str
    amount: Money
    at: str


class RegionPart(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A region's part of a network pool (JP-61): its all-time sums; of the pool as it stands, its
    size without the seed, and the share of what all regions have put in since the last fall."""

    region: str
    bets: int
    participants: int
    size: Money
    share: Odds
    contributed: Money
    paid: Money
    hits: int
    last_hit: RegionHit | None = None


class Pool(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A pool as a widget shows it (JP-14): of a network, sums and never who has paid them."""

    pool_id: str
    title: str
    kind: PoolKind
    scope: Scope
    level: Level
    status: PoolStatus
    size: Money
    seed: Money
    participants: int
    cycle: int
    hits: int
    version: int
    trigger: TriggerBy
    opened_at: str
    next_version: int | None = None
    rate: Odds | None = None
    group: str | None = None
    cap: Money | None = None
    odds: Odds | None = None
    odds_per_stake: Money | None = None
    must_drop_by: Money | None = None
    opens_at: str | None = None
    deadline_at: str | None = None
    commitment: str | None = None
    eta_at: str | None = None
    regions: list[RegionPart] = msgspec.field(default_factory=list)
    degraded: Condition | None = None


class PoolOpened(msgspec.Struct, frozen=True):
    """A pool that the owner of a world has opened."""

    pool_id: str
    status: str
