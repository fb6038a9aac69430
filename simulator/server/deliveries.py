"""The events of a world on their way to whoever has subscribed to them (PRV-34, PRV-40, SBX-05).

Subscriptions are one fact of the leading party's store, so they are there after a restart, and in a
snapshot or a fork; each has a `Feed` for every party. A world without any pays nothing for them.
"""

import asyncio
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from simulator.adapters.http import HttpTransport
from simulator.adapters.sleeper import Sleeper
from simulator.adapters.transport import Transport
from simulator.base.clock import Clock, iso
from simulator.base.errors import ConfigError, Duplicate, LimitExceeded, NotFound
from simulator.base.rng import Rng
from simulator.chaos.bad import BadRule, no_such
from simulator.chaos.chaos import Chaos
from simulator.server.clients import BRANDS
from simulator.server.feed import Feed
from simulator.server.inbox import Inbox, InboxTransport
from simulator.server.journal import Journal
from simulator.server.outbox import Item, Outbox
from simulator.server.owner import as_owner, owner
from simulator.server.posting import INBOX, Post
from simulator.store import facts
from simulator.store.rows import Fact
from simulator.wire import deliveries as w
from simulator.wire import messages as m
from simulator.wire.topics import TOPICS

if TYPE_CHECKING:
    from simulator.server.party import Party

FACT = "subscriptions"

MOST = 20
"""Subscriptions of one world."""


class Subscribe(facts.SetFacts, frozen=True, kw_only=True):
    """Other subscriptions than before."""


class _Kept(w.Subscription, frozen=True, kw_only=True):
    """A subscription with its number: one of the same name later has another."""

    number: int

    @property
    def unique(self) -> str:
        return f"{self.subscription_id}#{self.number}"


class _Book(msgspec.Struct, frozen=True):
    made: int = 0
    kept: list[_Kept] = []


class Deliveries:
    """One world's."""

    def __init__(
        self,
        chaos: Chaos,
        journal: Journal,
        clock: Clock,
        rng: Callable[[], Rng],
        sleep: Sleeper,
    ) -> None:
        self.inboxes: dict[str, Inbox] = {}
        self._parties: Mapping[str, Party] = {}
        self._chaos = chaos
        self._journal = journal
        self._clock = clock
        self._rng = rng
        self._sleep = sleep
        self._book = _Book()
        self._posts: dict[str, Post] = {}
        self._feeds: dict[str, dict[str, Feed]] = {}
        """Subscription → party → what is on its way."""
        self._loading: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()

    # Subscriptions --------------------------------------------------------------------------------

    def serve(self, parties: "Mapping[str, Party]") -> None:
        """The parties whose events are meant, the leading one first."""
        self._parties = parties

    def wake(self) -> None:
        """Go on with what the rows say, behind everybody's back."""
        if self._loading is None:
            self._loading = asyncio.ensure_future(self._load())

    async def ready(self) -> None:
        """Wait until it is known who has subscribed."""
        self.wake()
        if self._loading is not None:
            await asyncio.shield(self._loading)

    async def subscribe(self, ask: w.CreateSubscription, trace_id: str) -> w.SubscriptionView:
        """Deliver to one more. Raises Duplicate, LimitExceeded or ValidationFailed."""
        await self.ready()
        async with self._changing:
            _require_url(ask.url)
            for pattern in ask.event_types:
                _require_topic(pattern)
            book = self._book
            number = book.made + 1
            name = ask.subscription_id or f"sub-{number}"
            if any(one.subscription_id == name for one in book.kept):
                raise Duplicate(f"there is a subscription {name} already")
            if len(book.kept) >= MOST:
                raise LimitExceeded(f"there are {MOST} subscriptions already; remove some")
            made = _Kept(
                subscription_id=name,
                url=ask.url,
                event_types=ask.event_types,
                signing_key=ask.signing_key or self._key(name, number),
                retry_s=ask.retry_s,
                created_at=iso(self._clock.now_ns()),
                number=number,
            )
            for party in self._parties.values():
                await Outbox(made.unique, party).begin(from_start=ask.from_start)
            await self._keep(_Book(number, [*book.kept, made]), trace_id)
            self._open(made)
        return self._view(made)

    async def remove(self, subscription_id: str, trace_id: str) -> None:
        """Deliver no more. Raises NotFound."""
        await self.ready()
        async with self._changing:
            kept = [o for o in self._book.kept if o.subscription_id != subscription_id]
            if len(kept) == len(self._book.kept):
                raise _no_subscription(subscription_id)
            await self._keep(_Book(self._book.made, kept), trace_id)
            for feed in self._feeds.pop(subscription_id).values():
                await feed.close()
            await self._posts.pop(subscription_id).close()

    def subscriptions(self) -> list[w.SubscriptionView]:
        """All of them, the oldest first."""
        return [self._view(one) for one in self._book.kept]

    def feeds(self, subscription_id: str | None = None) -> list[Feed]:
        """What is on its way, to all or to one. Raises NotFound."""
        if subscription_id is not None and subscription_id not in self._feeds:
            raise _no_subscription(subscription_id)
        return [
            feed
            for name, feeds in self._feeds.items()
            if subscription_id in (None, name)
            for feed in feeds.values()
        ]

    async def redeliver(self, delivery_id: str) -> tuple[Feed, Item]:
        """Deliver an event once more. Raises NotFound."""
        name, party, position = delivery_id.split(".")
        feed = self._feeds.get(name, {}).get(party)
        if feed is None:
            raise _no_subscription(name)
        return feed, await feed.redeliver(int(position))

    async def close(self) -> None:
        """Stop; what has not arrived goes on when the world is opened again."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        for feed in self.feeds():
            await feed.close()
        for post in self._posts.values():
            await post.close()

    # Inboxes --------------------------------------------------------------------------------------

    def remembered(self) -> dict[str, Inbox]:
        """What has arrived in the inboxes: not in the rows, so a snapshot keeps it."""
        return {name: inbox.copy() for name, inbox in self.inboxes.items()}

    def take_up(self, inboxes: Mapping[str, Inbox]) -> None:
        """Go on from what had arrived."""
        self.inboxes.update({name: inbox.copy() for name, inbox in inboxes.items()})

    def _inside(self, name: str) -> Transport:
        inbox = self.inboxes.setdefault(name, Inbox())
        return InboxTransport(inbox, self._keys, self._clock)

    def _keys(self) -> Mapping[str, str]:
        return {one.subscription_id: one.signing_key for one in self._book.kept}

    # Rows -----------------------------------------------------------------------------------------

    async def _load(self) -> None:
        caller = owner(next(iter(BRANDS.values())), "tr_deliveries")
        lead = next(iter(self._parties.values()))
        fact = await lead.read(caller, lambda tx: tx.get(Fact, (FACT,)), pages=False)
        if fact is not None:
            self._book = msgspec.json.decode(fact.value, type=_Book)
        for kept in self._book.kept:
            self._open(kept)

    def _open(self, kept: _Kept) -> None:
        name = kept.subscription_id
        post = self._posts[name] = Post(
            kept, self._inside, self._chaos, self._journal, self._clock, self._rng
        )
        self._feeds[name] = {}
        for party in self._parties.values():
            feed = Feed(Outbox(kept.unique, party), post, self._clock, self._sleep)
            self._feeds[name][party.name] = feed
            party.listen(self, partial(self._committed, party.name))
            feed.start()

    def _committed(self, party: str) -> None:
        for feeds in self._feeds.values():
            feeds[party].news()

    async def _keep(self, book: _Book, trace_id: str) -> None:
        lead = next(iter(self._parties.values()))
        ask = Subscribe(facts={FACT: msgspec.json.encode(book).decode()})
        caller = owner(next(iter(BRANDS.values())), trace_id)
        decide: Any = facts.set_facts
        await lead.writer.submit(partial(as_owner, caller=caller, decide=decide, message=ask))
        self._book = book

    def _key(self, name: str, number: int) -> str:
        return f"whk_{self._rng().draw('subscription', name, number).hex()[:24]}"

    def _view(self, kept: _Kept) -> w.SubscriptionView:
        feeds = self._feeds[kept.subscription_id].values()
        counts = [feed.count() for feed in feeds]
        shown = {name: getattr(kept, name) for name in w.Subscription.__struct_fields__}
        return w.SubscriptionView(
            **shown,
            pending=sum(pending for pending, _ in counts),
            dead=sum(dead for _, dead in counts),
            full=any(feed.full for feed in feeds),
        )


def _require_url(url: str) -> None:
    if url.startswith(INBOX):
        return
    try:
        HttpTransport(url.partition("?")[0])
    except ConfigError as wrong:
        raise m.invalid("url", str(wrong)) from None


def _require_topic(pattern: str) -> None:
    if not any(fnmatchcase(topic, pattern) for topic in TOPICS):
        wrong: BadRule = no_such("event_types", "there is no event", pattern, TOPICS)
        raise m.invalid("event_types", wrong.why)


def _no_subscription(name: str) -> NotFound:
    return NotFound(f"there is no subscription {name[:40]}", details={"subscription": name[:40]})
