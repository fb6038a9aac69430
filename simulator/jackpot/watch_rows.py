"""What the service keeps of others: feeds it follows, whom it waits for, what it holds back."""

from simulator.store.rows import Row
from simulator.wire.jackpot_feeds import FeedName


class FeedRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """How far another party's event feed was followed, for a tenant (JP-10)."""

    TABLE = "jp_feed"
    NAMED_BY = ("tenant", "feed")
    CHANGES = (
        "cursor",
        "events",
        "contributions",
        "rollbacks",
        "unread",
        "behind",
        "every_s",
        "followed_ns",
        "next_ns",
        "asked_ns",
    )

    tenant: str
    feed: FeedName
    brand: str
    region: str
    cursor: str | None = None
    events: int = 0
    contributions: int = 0
    rollbacks: int = 0
    unread: int = 0
    behind: int = 0
    every_s: int | None = None
    followed_ns: int | None = None
    next_ns: int | None = None
    asked_ns: int | None = None


class PeerRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """How far off another party's clock was, by the `Date` of its last answers (JP-80)."""

    TABLE = "jp_peer"
    NAMED_BY = ("tenant", "party")
    CHANGES = ("off_s", "seen_ns", "since_ns")

    tenant: str
    party: str
    off_s: int
    seen_ns: int
    since_ns: int


class WatchRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Since when a tenant's oldest payout waits for the wallet, and how many falls are held."""

    TABLE = "jp_watch"
    NAMED_BY = ("tenant",)
    CHANGES = ("oldest_ns", "held")

    tenant: str
    oldest_ns: int | None = None
    held: int = 0


class HeldRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A fall that is held back until what is out of order is over (JP-80)."""

    TABLE = "jp_held"
    NAMED_BY = ("tenant", "jp_contrib_id")
    CHANGES = ("status", "next_ns")

    tenant: str
    jp_contrib_id: str
    brand: str
    region: str
    pool_id: str
    cycle: int
    reason: str
    at_ns: int
    next_ns: int
    status: str = "held"
