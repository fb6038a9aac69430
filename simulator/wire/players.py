"""The messages about players and their limits (`openapi/platform.yaml`, `openapi/control.yaml`)."""

from typing import Literal

import msgspec

from simulator.wire.messages import Message, Money, PlayerStatus

LimitKind = Literal["deposit", "withdrawal", "stake", "loss", "session"]
"""What a limit is on; `session` is on time."""

Period = Literal["day", "week", "month"]
"""From midnight, from Monday's midnight, from the first's, in UTC."""


class ReadPlayer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read one player."""

    player_id: str


class Limit(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A limit of the player's own: an amount, or minutes where it is on session time.

    `changes_at` is there while a looser one waits: the `next_…` value binds then, or none where
    there is no `next_…`.
    """

    limit: LimitKind
    period: Period
    amount: Money | None = None
    left: Money | None = None
    minutes: int | None = None
    left_minutes: int | None = None
    next_amount: Money | None = None
    next_minutes: int | None = None
    changes_at: str | None = None


class PlayerRg(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A player's responsible-gaming state."""

    self_excluded: bool
    time_out_until: str | None = None
    limits: list[Limit] = msgspec.field(default_factory=list)


class Player(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A player under a pseudonym: no name, no address (PRV-01, QLT-08)."""

    player_id: str
    brand_id: str
    region: str
    country: str
    currency: str
    status: PlayerStatus
    rg: PlayerRg
    available: Money
    held: Money


class ReadLimits(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read a player's limits."""

    player_id: str
    brand_id: str = "brand-42"


class SetLimit(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Set a limit, or take it away where neither an amount nor minutes are given (WAL-66)."""

    player_id: str
    limit: LimitKind
    period: Period
    brand_id: str = "brand-42"
    amount: Money | None = None
    minutes: int | None = None


class PlayerLimits(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A player's responsible-gaming state as the sandbox's owner reads it."""

    player_id: str
    rg: PlayerRg
