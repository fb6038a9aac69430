"""What the jackpot service keeps: pools, contributions, triggers, payouts and who decided what.

Amounts in minor units of the pool's currency. A pool belongs to a network, so its name has no
tenant; everything that tells of a player is kept under the player's tenant, brand and region, and
is never read from another (JP-60, JP-61).
"""

from simulator.store.rows import Row
from simulator.wire.jackpot import ContributionStatus, PayoutStatus, SetAside
from simulator.wire.jackpot_pools import Level, PoolKind, PoolStatus


class PoolRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A pool; the root of whatever happens to it. All-time sums, and those of the cycle under way
    (`stakes`, `taken`, `bets`, `players`), which ends when the pool falls; a timed one may also go
    on into another without a fall: `since_cycle` says which was the first since the last fall.

    `size = seeded + contributed − paid − reversed − diverted`, and
    `taken × rate_d + carry = stakes × rate_n + carry_in` (WAL-91). The three funds may owe: the
    operator puts up what a pool begins with. `point` and `salt` never leave before the fall
    (WAL-93).
    """

    TABLE = "jp_pool"
    NAMED_BY = ("pool_id",)
    CHANGES = (
        "version",
        "next_version",
        "status",
        "cycle",
        "since_cycle",
        "size",
        "reserve",
        "seed_fund",
        "overflow",
        "seeded",
        "contributed",
        "diverted",
        "reversed",
        "paid",
        "forfeited",
        "rate_n",
        "rate_d",
        "stakes",
        "taken",
        "carry_in",
        "carry",
        "reserve_carry",
        "seed_carry",
        "bets",
        "players",
        "hits",
        "point",
        "salt",
        "commitment",
        "deadline_ns",
        "opened_ns",
        "opened_op",
    )

    pool_id: str
    kind: PoolKind
    level: Level
    currency: str
    version: int
    rate_n: int
    rate_d: int
    opened_ns: int
    opened_op: int
    next_version: int | None = None
    status: PoolStatus = "open"
    cycle: int = 1
    since_cycle: int = 1
    size: int = 0
    reserve: int = 0
    seed_fund: int = 0
    overflow: int = 0
    seeded: int = 0
    contributed: int = 0
    diverted: int = 0
    reversed: int = 0
    paid: int = 0
    forfeited: int = 0
    stakes: int = 0
    taken: int = 0
    carry_in: int = 0
    carry: int = 0
    reserve_carry: int = 0
    seed_carry: int = 0
    bets: int = 0
    players: int = 0
    hits: int = 0
    point: int | None = None
    salt: str | None = None
    commitment: str | None = None
    deadline_ns: int | None = None


class MemberRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A brand takes part in a pool, from its region: what the lists are cut by."""

    TABLE = "jp_member"
    NAMED_BY = ("brand", "pool_id")

    brand: str
    pool_id: str
    region: str
    kind: PoolKind
    level: Level
    grouped: str


class TermsRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """One version of a pool's terms; written once (`version` as a text, because it names it)."""

    TABLE = "jp_terms"
    NAMED_BY = ("pool_id", "version")

    pool_id: str
    version: str
    terms: bytes
    op: int


class ContributionRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A contribution and its four parts; or, reversed, which of the two paid it back. `place` is
    where it stands among those of a timed pool's cycle (`tickets`)."""

    TABLE = "jp_contribution"
    NAMED_BY = ("tenant", "jp_contrib_id")
    CHANGES = ("status", "charged_to", "reversed_op", "reversed_ns")

    tenant: str
    jp_contrib_id: str
    brand: str
    region: str
    pool_id: str
    version: int
    cycle: int
    round_id: str
    bet_id: str
    player_id: str
    stake: int
    given: int | None
    amount: int
    current: int
    to_reserve: int
    to_seed: int
    to_overflow: int
    currency: str
    op: int
    at_ns: int
    place: int | None = None
    status: ContributionStatus = "recorded"
    charged_to: str | None = None
    reversed_op: int | None = None
    reversed_ns: int | None = None


class BetRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A bet contributes to a pool once, by whatever way it is told (JP-02)."""

    TABLE = "jp_bet"
    NAMED_BY = ("tenant", "pool_id", "bet_id")

    tenant: str
    pool_id: str
    bet_id: str
    jp_contrib_id: str


class PlayerRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Who takes part in a pool, and the last cycle in which they did."""

    TABLE = "jp_player"
    NAMED_BY = ("tenant", "pool_id", "player_id")
    CHANGES = ("cycle",)

    tenant: str
    pool_id: str
    player_id: str
    cycle: int


class Tombstone(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A reversal that came before its contribution, which then is never recorded (WAL-96)."""

    TABLE = "jp_tombstone"
    NAMED_BY = ("tenant", "jp_contrib_id")

    tenant: str
    jp_contrib_id: str
    brand: str
    region: str
    op: int


class BetGone(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A bet that a feed has said was taken back: nothing of it is recorded any more (WAL-96)."""

    TABLE = "jp_bet_gone"
    NAMED_BY = ("tenant", "bet_id")

    tenant: str
    bet_id: str
    op: int


class CandidateRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A bet that was judged (JP-11)."""

    TABLE = "jp_candidate"
    NAMED_BY = ("tenant", "pool_id", "bet_id")

    tenant: str
    pool_id: str
    bet_id: str
    brand: str
    region: str
    round_id: str
    player_id: str
    stake: int
    eligible: int
    op: int


class TriggerRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A fall: who won what, and how the cycle stood that it has ended."""

    TABLE = "jp_trigger"
    NAMED_BY = ("tenant", "jp_trigger_id")

    tenant: str
    jp_trigger_id: str
    brand: str
    region: str
    pool_id: str
    reason: str
    player_id: str
    round_id: str
    jp_payout_id: str
    hit: int
    cycle: int
    version: int
    level: Level
    amount: int
    currency: str
    stakes: int
    taken: int
    rate_n: int
    rate_d: int
    carry_in: int
    carry: int
    point: int | None
    salt: str | None
    commitment: str | None
    op: int
    at_ns: int


class PayoutRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """An obligation and how far it has come. `attempt` counts how often it was set out to be paid,
    which is once more each time that a person releases it; `waits_ns` says since when the attempt
    under way waits for the wallet; `set_aside` how far the wallet has come with that, None where
    nobody wants it (`obligations`)."""

    TABLE = "jp_payout"
    NAMED_BY = ("tenant", "jp_payout_id")
    CHANGES = (
        "status",
        "attempt",
        "reason",
        "changed_op",
        "ended_ns",
        "cancelling",
        "waits_ns",
        "set_aside",
    )

    tenant: str
    jp_payout_id: str
    brand: str
    region: str
    jp_trigger_id: str
    pool_id: str
    player_id: str
    round_id: str
    level: Level
    amount: int
    currency: str
    due_op: int
    due_ns: int
    status: PayoutStatus = "due"
    attempt: int = 1
    reason: str | None = None
    changed_op: int | None = None
    ended_ns: int | None = None
    cancelling: int = 0
    waits_ns: int | None = None
    set_aside: SetAside | None = None


class SuspicionRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A SAR/STR record, one for each payout (JP-53)."""

    TABLE = "jp_suspicion"
    NAMED_BY = ("tenant", "jp_payout_id")

    tenant: str
    jp_payout_id: str
    brand: str
    region: str
    licence: str
    pool_id: str
    player_id: str
    round_id: str
    amount: int
    currency: str
    reason: str
    op: int
    at_ns: int


class DecisionRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Something that a person decided: who, why, of what; written once (QLT-05). `asked` is the
    canonical request."""

    TABLE = "jp_decision"
    NAMED_BY = ("tenant", "decision_id")

    tenant: str
    decision_id: str
    what: str
    of: str
    reason: str
    approved_by: str
    asked: bytes
    op: int
