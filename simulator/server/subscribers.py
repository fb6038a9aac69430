"""Who has subscribed to the events of a world: one fact of the leading party's store (PRV-34)."""

from fnmatch import fnmatchcase

import msgspec

from simulator.adapters.http import HttpTransport
from simulator.base.errors import ConfigError, Unavailable
from simulator.chaos.bad import BadRule, no_such
from simulator.server.posting import INBOX
from simulator.store.rows import Fact
from simulator.store.tx import Tx
from simulator.wire import deliveries as w
from simulator.wire import messages as m
from simulator.wire.topics import TOPICS

FACT = "subscriptions"


class Subscribe(m.Message, frozen=True, kw_only=True):
    """Other subscriptions than before, as text."""

    before: str | None
    book: str


class Subscribed(msgspec.Struct, frozen=True):
    """Who is told from now on; their keys are not, because whoever exports the chain reads this."""

    subscriptions: list[str]


class Kept(w.Subscription, frozen=True, kw_only=True):
    """A subscription with its number: one of the same name later has another."""

    number: int

    @property
    def unique(self) -> str:
        """A name that no other subscription ever has."""
        return f"{self.subscription_id}#{self.number}"


class Book(msgspec.Struct, frozen=True):
    """All of them, and how many there ever were."""

    made: int = 0
    kept: list[Kept] = []


def write(tx: Tx, ask: Subscribe) -> Subscribed:
    """Put one book in the place of the other. Raises Unavailable."""
    fact = tx.lock(Fact, (FACT,))
    if (None if fact is None else fact.value) != ask.before:
        raise Unavailable(
            "another server has changed the subscriptions; ask again", retry_after_s=1
        )
    tx.put(Fact(name=FACT, value=ask.book) if fact is None else fact.but(value=ask.book))
    book = msgspec.json.decode(ask.book, type=Book)
    return Subscribed([one.subscription_id for one in book.kept])


def require_url(url: str) -> None:
    """Raises ValidationFailed for what nothing can be sent to."""
    if url.startswith(INBOX):
        return
    try:
        HttpTransport(url.partition("?")[0])
    except ConfigError as wrong:
        raise m.invalid("url", str(wrong)) from None


def require_topic(pattern: str) -> None:
    """Raises ValidationFailed for what no event is."""
    if not any(fnmatchcase(topic, pattern) for topic in TOPICS):
        wrong: BadRule = no_such("event_types", "there is no event", pattern, TOPICS)
        raise m.invalid("event_types", wrong.why)
