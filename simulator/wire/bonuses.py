"""The messages about bonuses (`openapi/platform.yaml`, PRV-24)."""

from typing import Literal

from simulator.wire.messages import Message, Money

BonusStatus = Literal["active", "consumed", "released", "expired"]


class IssueBonus(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Give a player bonus money, which is cash once it was wagered so many times."""

    bonus_id: str
    player_id: str
    amount: Money
    wager_multiplier: int = 1
    expires_at: str | None = None


class ReadBonus(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read one bonus."""

    bonus_id: str


class ConsumeBonus(Message, frozen=True, kw_only=True, omit_defaults=True):
    """End a bonus; what is left of it goes back."""

    bonus_id: str


class ReadProgress(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read how much of a bonus was wagered."""

    bonus_id: str


class Bonus(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A bonus and what became of it."""

    bonus_id: str
    player_id: str
    status: BonusStatus
    amount: Money
    wagered: Money
    required: Money
    issued_at: str
    expires_at: str | None = None
    ended_at: str | None = None


class Progress(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How much was wagered, of how much, and what is left to wager."""

    bonus_id: str
    status: BonusStatus
    wagered: Money
    required: Money
    left: Money
