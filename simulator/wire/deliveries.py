"""The messages of subscriptions and deliveries (`/__admin/subscriptions`, PRV-34, PRV-40)."""

from typing import Literal

import msgspec

from simulator.wire.messages import Message

DeliveryState = Literal["pending", "delivered", "dead"]

RETRY_S = (1, 5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200)
"""The pauses of a subscription that says nothing else: a night, then somebody has to look."""


class CreateSubscription(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Whom to tell of what."""

    url: str
    subscription_id: str | None = None
    event_types: tuple[str, ...] = ("*",)
    signing_key: str | None = None
    retry_s: tuple[int, ...] = RETRY_S
    from_start: bool = False


class RemoveSubscription(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Deliver no more."""

    subscription_id: str


class Search(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Which events are meant; what is not given matches all."""

    event_type: str | None = None
    event_id: str | None = None
    player_id: str | None = None
    cursor: str | None = None
    limit: int = 50


class ListDeliveries(Search, frozen=True, kw_only=True, omit_defaults=True):
    """A page of deliveries."""

    subscription_id: str | None = None
    state: DeliveryState | None = None


class DeliverNow(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Try now what is pending, or given up as well."""

    subscription_id: str | None = None
    dead: bool = False


class Redeliver(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Deliver an event once more."""

    delivery_id: str


class ReadInbox(Search, frozen=True, kw_only=True, omit_defaults=True):
    """A page of what has arrived."""

    inbox: str


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription as it is kept."""

    subscription_id: str
    url: str
    event_types: tuple[str, ...]
    signing_key: str
    retry_s: tuple[int, ...]
    created_at: str


class SubscriptionView(Subscription, frozen=True, kw_only=True):
    """And as it is shown, with what is on its way."""

    pending: int
    dead: int
    full: bool


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event on its way to one subscription."""

    delivery_id: str
    subscription_id: str
    party: str
    event_id: str
    event_type: str
    state: DeliveryState
    attempts: int
    player_id: str | None = None
    status: int | None = None
    reason: str | None = None
    next_at: str | None = None


class Undelivered(msgspec.Struct, frozen=True):
    """What has not arrived."""

    pending: int
    dead: int


class ArrivalView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One arrival at an inbox."""

    arrival: int
    at: str
    subscription_id: str
    event_id: str
    event_type: str
    attempt: int
    status: int
    event: msgspec.Raw
    player_id: str | None = None
    reason: str | None = None
