"""Domain events: the envelope and what is in it (PRV-40, PRV-41).

An event leaves only through the outbox, in the transaction of the change it tells of (PRV-34).
"""

from typing import Any

import msgspec

from simulator.wire.messages import Money

SCHEMA_VERSION = "1.2.0"
"""Version of an event's schema, written into its envelope (PRV-50)."""

NEWER = {"spin_finished": "1.3.0"}
"""Topics whose schema has grown since: a crash game's target and the features of a spin."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision says happened; the store puts it into its envelope."""

    topic: str
    payload: msgspec.Struct
    player_id: str | None = None
    session_id: str | None = None
    build_hash: str | None = None
    event_id: str | None = None
    """One that the decision minted because its answer refers to it; else the store mints it."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event as subscribers see it (PRV-41)."""

    event_id: str
    event_type: str
    occurred_at: str
    tenant_id: str
    brand_id: str
    licence: str
    region: str
    provider_id: str
    player_id: str | None
    trace_id: str
    payload: Any
    idempotency_key: str | None
    schema_version: str
    session_id: str | None = None
    build_hash: str | None = None


class PlayerRegistered(msgspec.Struct, frozen=True):
    """Payload of `player.registered`."""

    country: str
    currency: str


class SessionStarted(msgspec.Struct, frozen=True):
    """Payload of `session.started`."""

    game_id: str
    currency: str
    geo: str
    expires_at: str


class SessionEnded(msgspec.Struct, frozen=True):
    """Payload of `session.ended`."""

    game_id: str
    reason: str


class BetWasAuthorized(msgspec.Struct, frozen=True):
    """Payload of `bet.authorized`."""

    bet_id: str
    round_id: str
    game_id: str
    bet: Money


class BetWasSettled(msgspec.Struct, frozen=True):
    """Payload of `bet.settled`."""

    bet_id: str
    round_id: str
    game_id: str
    settlement_id: str
    bet: Money
    win: Money
    in_bonus: bool


class BetWasRolledBack(msgspec.Struct, frozen=True, omit_defaults=True):
    """Payload of `bet.rolled_back`; a tombstone has no amount: nothing had been held (WAL-42)."""

    bet_id: str
    round_id: str
    tombstone: bool
    bet: Money | None = None


class WalletMoved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `wallet.debit.ok` and `wallet.credit.ok`."""

    transaction_id: str
    amount: Money
    round_id: str | None = None
    game_id: str | None = None
    reason: str | None = None


class WalletRefused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `wallet.debit.failed` and `wallet.credit.failed`: nothing moved, and why."""

    transaction_id: str
    amount: Money
    code: str
    round_id: str | None = None
    game_id: str | None = None


class RealityCheck(msgspec.Struct, frozen=True):
    """Payload of `rg.reality_check`."""

    acknowledged: bool


class LimitHit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Payload of `rg.limit.hit`: the limit that has refused something."""

    limit: str
    period: str
    value: Money | None = None
    minutes: int | None = None


class BonusIssued(msgspec.Struct, frozen=True):
    """Payload of `bonus.issued`."""

    bonus_id: str
    amount: Money
    required: Money


class BonusConsumed(msgspec.Struct, frozen=True):
    """Payload of `bonus.consumed`: how it ended, and what was left: cash if it was released, else
    gone. It comes once more for money that was held by an open bet meanwhile."""

    bonus_id: str
    outcome: str
    left: Money


class WagerProgress(msgspec.Struct, frozen=True):
    """Payload of `wager.progress.updated`."""

    bonus_id: str
    wagered: Money
    required: Money
