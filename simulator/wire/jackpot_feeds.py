"""The messages of the jackpot service's feeds (`openapi/jackpot.yaml`): events of others that it
follows (JP-10)."""

from typing import Literal

from simulator.wire.messages import Listing, Message

FeedName = Literal["rgs", "wallet"]


class Follow(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read on in a feed, one page; with `every_s` again by itself, so often."""

    feed: FeedName
    every_s: int | None = None


class ListFeeds(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List the feeds that are followed."""


class Feed(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How far a feed was followed. `behind` says that there is more than was read."""

    feed: FeedName
    events: int
    contributions: int
    rollbacks: int
    unread: int
    behind: bool
    every_s: int | None = None
    cursor: str | None = None
    followed_at: str | None = None
    next_at: str | None = None
