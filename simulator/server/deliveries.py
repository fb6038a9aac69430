"""The events of a world on their way to whoever has subscribed to them (PRV-34, PRV-40, SBX-05).

Subscriptions are one fact of the leading party's store, so they are there after a restart, and in a
snapshot or a fork; each has a `Feed` for every party. A world without any pays nothing for them.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from simulator.adapters.sleeper import Sleeper
from simulator.adapters.transport import Transport
from simulator.base.clock import Clock, iso
from simulator.base.errors import (
    Duplicate,
    LimitExceeded,
    NotFound,
    Problem,
    Unavailable,
)
from simulator.base.rng import Rng
from simulator.chaos.chaos import Chaos
from simulator.server.behind import Behind
from simulator.server.clients import BRANDS
from simulator.server.feed import Feed
from simulator.server.inbox import Inbox, InboxTransport
from simulator.server.journal import Journal
from simulator.server.outbox import Item, Outbox
from simulator.server.owner import as_owner, owner
from simulator.server.posting import Post
from simulator.server.subscribers import (
    FACT,
    Book,
    Kept,
    Subscribe,
    require_topic,
    require_url,
    write,
)
from simulator.store.rows import Fact
from simulator.store.writes import Turn
from simulator.wire import deliveries as w

if TYPE_CHECKING:
    from simulator.server.party import Party

MOST = 20
"""Subscriptions of one world."""

TURN = "deliveries"
"""Of several servers on one database, the one that has this turn delivers."""

LOOK_S = 1.0
"""How often such a server looks whether it is its turn, and what the others have done: they do not
say. In real time, whatever the world's clock does."""


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
        self._book = Book()
        self._known: str | None = None
        """The same as it stands in the store."""
        self._posts: dict[str, Post] = {}
        self._feeds: dict[str, dict[str, Feed]] = {}
        """Subscription → party → what is on its way."""
        self._loading: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self._turn: Turn | None = None
        self._behind = Behind()
        self._delivers = True
        """Whether the feeds are started."""
        self._closed = False

    # Subscriptions --------------------------------------------------------------------------------

    def serve(self, parties: "Mapping[str, Party]") -> None:
        """The parties whose events are meant, the leading one first."""
        self._parties = parties

    def wake(self) -> None:
        """Go on with what the rows say, behind everybody's back; again where that has failed."""
        known = self._loading
        failed = known is not None and known.done() and (known.cancelled() or known.exception())
        if not self._closed and (known is None or failed):
            self._loading = asyncio.ensure_future(self._load())

    async def ready(self) -> None:
        """Wait until it is known who has subscribed, at another server of the database as well.
        Raises Unavailable where the world has ended."""
        self.wake()
        loading = self._loading
        if loading is None:
            raise _ended()
        fresh = not loading.done()
        try:
            await asyncio.shield(loading)
        except asyncio.CancelledError:
            if loading.cancelled():
                raise _ended() from None
            raise
        if not fresh and self._shared:
            async with self._changing:
                await self._load()
        if not self._delivers:
            for feed in self.feeds():
                await feed.show()

    async def subscribe(self, ask: w.CreateSubscription, trace_id: str) -> w.SubscriptionView:
        """Deliver to one more. Raises Duplicate, LimitExceeded or ValidationFailed."""
        await self.ready()
        async with self._changing:
            if self._closed:
                raise _ended()
            require_url(ask.url)
            for pattern in ask.event_types:
                require_topic(pattern)
            book = self._book
            number = book.made + 1
            taken = {one.subscription_id for one in book.kept}
            free = (f"sub-{n}" for n in itertools.count(number))
            name = ask.subscription_id or next(one for one in free if one not in taken)
            if name in taken:
                raise Duplicate(f"there is a subscription {name} already")
            if len(book.kept) >= MOST:
                raise LimitExceeded(f"there are {MOST} subscriptions already; remove some")
            made = Kept(
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
            await self._keep(Book(number, [*book.kept, made]), trace_id)
            self._open(made)
        return self._view(made)

    async def remove(self, subscription_id: str, trace_id: str) -> None:
        """Deliver no more. Raises NotFound."""
        await self.ready()
        async with self._changing:
            kept = {one.subscription_id: one for one in self._book.kept}
            gone = kept.pop(subscription_id, None)
            if gone is None:
                raise _no_subscription(subscription_id)
            await self._keep(Book(self._book.made, [*kept.values()]), trace_id)
            post, feeds = self._take_out(gone)
            await _close(post, feeds)
            for feed in feeds:
                await feed.end()

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
        if name not in self._feeds:
            raise _no_subscription(name)
        feed = self._feeds[name].get(party)
        if feed is None:
            raise NotFound(f"this world keeps no {party}, only {', '.join(self._parties)}")
        item = await feed.redeliver(int(position))
        await feed.hand_over()
        return feed, item

    async def hurry(self, feeds: Sequence[Feed], *, dead: bool) -> None:
        """Have everything tried now, by whichever server delivers; with `dead`, what was given up
        as well."""
        for feed in feeds:
            feed.hurry(dead=dead)
            await feed.hand_over()

    async def close(self) -> None:
        """Stop; what has not arrived goes on when the world is opened again."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await self._behind.close()
        async with self._changing:  # whoever subscribes at this moment comes first
            self._closed = True
            for name, feeds in self._feeds.items():
                await _close(self._posts[name], list(feeds.values()))
        if self._turn is not None:
            await self._turn.close()

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

    @property
    def _shared(self) -> bool:
        return self._lead.queries.kind == "postgresql"

    @property
    def _lead(self) -> "Party":
        return next(iter(self._parties.values()))

    async def _load(self) -> None:
        """Take up what the store says: who is new is told from now on, who is gone no more."""
        if self._turn is None and (turn := self._lead.queries.turn(TURN)) is not None:
            self._turn = turn
            self._delivers = await turn.look()
            self._behind.go(self._take_turns(turn))
        caller = owner(next(iter(BRANDS.values())), "tr_deliveries")
        fact = await self._lead.read(caller, lambda tx: tx.get(Fact, (FACT,)), pages=False)
        known = None if fact is None else fact.value
        if known == self._known:
            return
        before = {one.unique: one for one in self._book.kept}
        self._known, self._book = known, msgspec.json.decode(known or "{}", type=Book)
        after = {one.unique: one for one in self._book.kept}
        gone = [self._take_out(before[name]) for name in before.keys() - after.keys()]
        for name, kept in after.items():
            if name not in before:
                self._open(kept)
        for post, feeds in gone:
            await _close(post, feeds)

    def _take_out(self, kept: w.Subscription) -> tuple[Post, list[Feed]]:
        name = kept.subscription_id
        return self._posts.pop(name), list(self._feeds.pop(name).values())

    def _open(self, kept: Kept) -> None:
        name = kept.subscription_id
        post = self._posts[name] = Post(
            kept, self._inside, self._chaos, self._journal, self._clock, self._rng
        )
        self._feeds[name] = self._feeds_of(kept, post)

    def _feeds_of(self, kept: Kept, post: Post) -> dict[str, Feed]:
        feeds = {}
        for party in self._parties.values():
            feed = Feed(Outbox(kept.unique, party), post, self._clock, self._sleep)
            feeds[party.name] = feed
            party.listen(self, partial(self._committed, party.name))
            if self._delivers:
                feed.start()
        return feeds

    async def _take_turns(self, turn: Turn) -> None:
        """Deliver while it is our turn, and follow what other servers of the database commit. What
        was under way when a turn was lost is in doubt, and is sent again by whoever has it."""
        while True:
            await asyncio.sleep(LOOK_S)
            delivers = await turn.look()
            with contextlib.suppress(Problem):
                async with self._changing:
                    if delivers != self._delivers:
                        await self._open_anew(delivers)
                    await self._load()
            for feed in self.feeds():
                feed.news()

    async def _open_anew(self, delivers: bool) -> None:
        """Go on from the rows: another server has, or we had, what they do not say yet."""
        self._delivers = delivers
        for kept in self._book.kept:
            name = kept.subscription_id
            for feed in self._feeds[name].values():
                await feed.close()
            self._feeds[name] = self._feeds_of(kept, self._posts[name])

    def _committed(self, party: str) -> None:
        for feeds in self._feeds.values():
            feeds[party].news()

    async def _keep(self, book: Book, trace_id: str) -> None:
        """Write down who is told. Raises Unavailable where another server has done so meanwhile."""
        text = msgspec.json.encode(book).decode()
        ask = Subscribe(before=self._known, book=text)
        caller = owner(next(iter(BRANDS.values())), trace_id)
        decide: Any = write
        await self._lead.writer.submit(partial(as_owner, caller=caller, decide=decide, message=ask))
        self._book, self._known = book, text

    def _key(self, name: str, number: int) -> str:
        return f"whk_{self._rng().draw('subscription', name, number).hex()[:24]}"

    def _view(self, kept: Kept) -> w.SubscriptionView:
        feeds = self._feeds[kept.subscription_id].values()
        counts = [feed.count() for feed in feeds]
        shown = {name: getattr(kept, name) for name in w.Subscription.__struct_fields__}
        return w.SubscriptionView(
            **shown,
            pending=sum(pending for pending, _ in counts),
            dead=sum(dead for _, dead in counts),
            full=any(feed.full for feed in feeds),
        )


async def _close(post: Post, feeds: list[Feed]) -> None:
    for feed in feeds:
        await feed.close()
    await post.close()


def _ended() -> Unavailable:
    return Unavailable("the world has ended, or begins anew; ask again", retry_after_s=1)


def _no_subscription(name: str) -> NotFound:
    return NotFound(f"there is no subscription {name[:40]}", details={"subscription": name[:40]})
