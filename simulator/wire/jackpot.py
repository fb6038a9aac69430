"""The messages of the jackpot service (`openapi/jackpot.yaml`), but for its pools.

The same rules as in `simulator.wire.messages`. A request whose own id makes it one of a kind has a
`natural_key`, which is its idempotency key where neither body nor header carries one (PRV-35).
"""

from typing import Literal

import msgspec

from simulator.wire.jackpot_pools import Condition, Level, Odds
from simulator.wire.messages import Listing, Message, Money

ContributionStatus = Literal["recorded", "reversed"]
SetAside = Literal["wanted", "asked", "held", "let_go"]
PayoutStatus = Literal["due", "requested", "credited", "parked", "forfeited", "cancelled"]

# Contributions ------------------------------------------------------------------------------------


class Contribute(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Put a bet's part into a pool (JP-10)."""

    jp_contrib_id: str
    tenant_id: str
    pool_id: str
    round_id: str
    bet_id: str
    player_id: str
    bet: Money
    idempotency_key: str
    contribution: Money | None = None


class Fell(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A pool fell on this contribution."""

    jp_trigger_id: str
    jp_payout_id: str
    amount: Money


class Contribution(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A contribution, as it was recorded. `pool_size` is the pool's right after it."""

    jp_contrib_id: str
    pool_id: str
    round_id: str
    bet_id: str
    player_id: str
    status: ContributionStatus
    bet: Money
    contribution: Money
    cycle: int
    recorded_at: str
    pool_size: Money | None = None
    degraded: Condition | None = None
    held: bool = False
    fell: Fell | None = None
    reversed_at: str | None = None


class ContributionRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One contribution, by its id."""

    jp_contrib_id: str


class Reverse(ContributionRef, frozen=True, kw_only=True, omit_defaults=True):
    """Its bet was rolled back."""

    reason: str | None = None

    @property
    def natural_key(self) -> str:
        """It is reversed once."""
        return self.jp_contrib_id


class Reversed(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a reversal; `tombstone` where the contribution had not arrived yet."""

    jp_contrib_id: str
    status: Literal["reversed"]
    tombstone: bool = False
    pool_id: str | None = None
    contribution: Money | None = None
    charged_to: Literal["pool", "reserve"] | None = None


class ListContributions(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List contributions, oldest first, filtered."""

    pool_id: str | None = None
    player_id: str | None = None
    round_id: str | None = None
    status: ContributionStatus | None = None


# Triggers -----------------------------------------------------------------------------------------


class Judge(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Is this bet eligible? (JP-11)"""

    tenant_id: str
    pool_id: str
    round_id: str
    bet_id: str
    player_id: str
    stake: Money
    build_hash: str | None = None
    max_bet: Money | None = None
    flags: list[str] = msgspec.field(default_factory=list)

    @property
    def natural_key(self) -> str:
        """A bet is judged once for each pool."""
        return f"{self.pool_id}/{self.bet_id}"


class Judged(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a bet is eligible, with what odds where they can be told, and by which rules."""

    pool_id: str
    bet_id: str
    eligible: bool
    rules: list[str]
    odds: Odds | None = None


class Selection(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Who has won, with which round."""

    player_id: str
    round_id: str


class Trigger(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A pool falls: an obligation comes to exist (JP-12)."""

    jp_trigger_id: str
    pool_id: str
    reason: str
    selection: Selection

    @property
    def natural_key(self) -> str:
        """It falls once for each trigger."""
        return self.jp_trigger_id


class Reveal(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a commitment had hidden: SHA-256 of `point LF salt` is the commitment (JP-35).

    `point` is in minor units, or in Unix milliseconds.
    """

    commitment: str
    point: int
    salt: str


class Triggered(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A fall: `hit` counts those of the pool, so simultaneous ones have an order (WAL-94)."""

    jp_trigger_id: str
    pool_id: str
    reason: str
    selection: Selection
    hit: int
    cycle: int
    level: Level
    amount: Money
    jp_payout_id: str
    triggered_at: str
    reveal: Reveal | None = None


class TriggerRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One trigger, by its id."""

    jp_trigger_id: str


class ListTriggers(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List triggers, oldest first, filtered."""

    pool_id: str | None = None
    player_id: str | None = None


# Payouts ------------------------------------------------------------------------------------------


class PayOut(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Drive a payout: the service sends this to itself, once for each attempt."""

    jp_payout_id: str
    attempt: int

    @property
    def natural_key(self) -> str:
        """Each attempt is driven once."""
        return f"{self.jp_payout_id}/{self.attempt}"


class Payout(Message, frozen=True, kw_only=True, omit_defaults=True):
    """An obligation, and how far it has come."""

    jp_payout_id: str
    jp_trigger_id: str
    pool_id: str
    player_id: str
    round_id: str
    level: Level
    amount: Money
    status: PayoutStatus
    attempt: int
    due_at: str
    cancelling: bool = False
    set_aside: SetAside | None = None
    reason: str | None = None
    ended_at: str | None = None


class PayoutRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One payout, by its id."""

    jp_payout_id: str


class DecidePayout(PayoutRef, frozen=True, kw_only=True, omit_defaults=True):
    """A person releases or forfeits a parked payout: who, and why, stays in the audit chain."""

    decision_id: str
    reason: str
    approved_by: str

    @property
    def natural_key(self) -> str:
        """Each decision is taken once."""
        return self.decision_id


class CancelTrigger(TriggerRef, frozen=True, kw_only=True, omit_defaults=True):
    """A person cancels what a trigger owes, before it is parked (WAL-96)."""

    decision_id: str
    reason: str
    approved_by: str

    @property
    def natural_key(self) -> str:
        """Each decision is taken once."""
        return self.decision_id


class ListPayouts(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List payouts, oldest first, filtered."""

    pool_id: str | None = None
    player_id: str | None = None
    status: PayoutStatus | None = None


class ListSuspicions(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List the records of payouts that were stopped for AML or sanctions (JP-53)."""


class Suspicion(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A SAR/STR record: what was stopped, why, when; it never leaves its region."""

    jp_payout_id: str
    pool_id: str
    player_id: str
    round_id: str
    amount: Money
    reason: str
    licence: str
    region: str
    opened_at: str
