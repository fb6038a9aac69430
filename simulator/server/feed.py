"""One party's events on their way to one subscription: at least once, a player's in their order.

The outbox is the queue. What was read of it and has not arrived at the first attempt becomes a row,
with its attempts and the time of the next one, and so does what has to wait behind it; the cursor
stands before everything else that is under way. So a restart goes on where it stopped, and sends
again at most what had arrived since the cursor was kept. What is not read yet takes no memory.

Events of one player follow one another in a lane: the next one goes when the one before has arrived
or was given up. Lanes do not wait for each other.
"""

import asyncio
import heapq
from collections import deque
from fnmatch import fnmatchcase
from functools import partial

from simulator.adapters.sleeper import Sleeper
from simulator.base.clock import NS_PER_S, Clock
from simulator.base.errors import NotFound, Problem
from simulator.base.log import Log
from simulator.server.alarm import Alarm
from simulator.server.behind import Behind
from simulator.server.given_up import GivenUp
from simulator.server.outbox import PAGE, Item, Lane, Outbox
from simulator.server.posting import Outcome, Post
from simulator.store.rows import Op
from simulator.wire.deliveries import Subscription

AT_ONCE = 32
"""Attempts side by side, so that a subscriber that is back is not buried."""

FRESH = 256
"""Events under way for the first time: so many may be sent again after a crash."""

MOST = 10_000
"""Events that wait to be tried again, and behind those; the rest waits in the outbox."""

RECENT = 2_000
"""Events that have arrived and can still be listed."""

CURSOR_STEP = 1_000
"""After so many events that nobody has subscribed to the cursor is kept all the same."""

log = Log("deliveries")


class Feed:
    """One party's events for one subscription. One that is not started, because another server of
    the database delivers, shows what the rows say and asks that server by them."""

    def __init__(self, outbox: Outbox, post: Post, clock: Clock, sleep: Sleeper) -> None:
        self.subscription: Subscription = post.subscription
        self.party = outbox.party
        self.open: dict[int, Item] = {}
        """What has not arrived, by position; given up or not."""
        self.recent: dict[int, Item] = {}
        self._outbox = outbox
        self._post = post
        self._clock = clock
        self._sleep = sleep
        self._retry_ns = [pause * NS_PER_S for pause in post.subscription.retry_s]
        self._read_to = self._saved = 0
        self._arrived = self._started = False
        self._given_up = GivenUp()
        self._asked: str | None = None
        self._fresh: dict[int, Item] = {}
        self._dirty: dict[int, Item] = {}
        self._lanes: dict[str, Lane] = {}
        self._blocked: list[tuple[int, int, Lane]] = []
        self._walking = self._number = 0
        self._room = asyncio.Semaphore(AT_ONCE)
        self._news = asyncio.Event()
        self._quiet = asyncio.Event()
        self._behind = Behind()
        self._alarm = Alarm(
            clock, sleep, self._behind, self.news, self._quiet, outside=post.outside
        )

    # From outside ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, or go on where it stopped."""
        self._started = True
        self._behind.go(self._run())

    def news(self) -> None:
        """Something was committed, or is to be done."""
        self._quiet.clear()
        self._news.set()

    async def quiet(self) -> None:
        """Wait until everything that is due now was tried, where that is for us to do."""
        if not self._started:
            return
        await self._quiet.wait()
        await asyncio.sleep(0)  # the alarm is set by then

    def count(self) -> tuple[int, int]:
        """How many are pending, and how many were given up."""
        dead = len(self._given_up)
        return len(self.open) - dead, dead

    @property
    def full(self) -> bool:
        """Whether no more is read until some have arrived."""
        return self.count()[0] >= MOST

    async def show(self) -> None:
        """Know what the rows say, without delivering."""
        _, items = await self._outbox.load()
        self.open = {item.position: item for item in items}
        self.recent = {}
        self._given_up = GivenUp()
        self._given_up.take_up([item for item in items if item.state == "dead"])

    async def hand_over(self) -> None:
        """Have what is due now delivered by the server whose turn it is."""
        if not self._started:
            now_ns = self._clock.now_ns()
            pending = [item for item in self.open.values() if item.state == "pending"]
            await self._outbox.ask([item for item in pending if item.due_ns <= now_ns])

    def hurry(self, *, dead: bool) -> None:
        """Try now what is pending; with `dead`, what was given up as well."""
        now_ns = self._clock.now_ns()
        for item in list(self.open.values()):
            if item.state == "pending":
                item.due_ns = min(item.due_ns, now_ns)
            elif dead:
                self._again(item)
        self._blocked = [(min(due, now_ns), n, lane) for due, n, lane in self._blocked]
        heapq.heapify(self._blocked)
        self.news()

    async def redeliver(self, position: int) -> Item:
        """One more delivery of an event, of which nothing is known any more or which was given up.

        Raises NotFound for an event that there is not, or that is not subscribed to.
        """
        item = self.open.get(position) or self.recent.pop(position, None)
        if item is None:
            op = await self._outbox.event(position)
            if not self._wanted(op):
                raise NotFound(f"{self.subscription.subscription_id} has no such delivery")
            item, known = Item.of(op), await self._outbox.attempts(position)
            item.attempts, item.rowed = known or 1, known is not None
        if item.state != "pending" or position not in self.open:
            self._again(item)
            self.news()
        return item

    async def end(self) -> None:
        """The subscription is gone, and with it what its rows say."""
        await self._outbox.end()

    async def close(self) -> None:
        """Stop. What has not arrived is in the rows, or behind the cursor."""
        await self._behind.close()

    # The loop -------------------------------------------------------------------------------------

    async def _run(self) -> None:
        trouble = 0
        loaded = False
        while True:
            self._news.clear()
            try:
                if not loaded:
                    await self._load()
                    loaded = True
                await self._hear()
                self._forget()
                more = await self._read()
                self._set_out()
                await self._save()
                trouble = 0
            except Problem as wrong:
                trouble += 1
                log.info("deliveries go on later", reason=wrong.message)
                await self._sleep(min(trouble, 60) * NS_PER_S)
                continue
            if more or self._news.is_set():
                continue
            self._alarm.set(self._next_ns)
            if not self._walking:
                self._quiet.set()
            await self._news.wait()

    def _set_out(self) -> None:
        """Let those lanes go on whose time has come."""
        now_ns = self._clock.now_ns()
        while self._blocked and self._blocked[0][0] <= now_ns:
            heapq.heappop(self._blocked)[2].resting = False
        for lane in list(self._lanes.values()):
            if not lane.resting:
                self._walk(lane)

    def _walk(self, lane: Lane) -> None:
        if lane.walking or not lane.items:
            return
        lane.walking = True
        self._walking += 1
        self._behind.go(self._go(lane))

    async def _go(self, lane: Lane) -> None:
        """Deliver what is in a lane, one after the other, until one has to be tried again later."""
        try:
            while lane.items:
                item = lane.items[0]
                if item.due_ns > self._clock.now_ns():
                    self._block(lane)
                    return
                async with self._room:
                    await self._deliver(lane, item)
                if item.loose and not (lane.items and lane.items[0] is item):
                    lane = self._of_its_own(item)
                elif item.state != "pending":
                    lane.items.popleft()
            self._lanes.pop(lane.name, None)
        finally:
            lane.walking = False
            self._walking -= 1
            self.news()

    def _block(self, lane: Lane) -> None:
        """The lane rests until its first event is due; what waits behind it becomes rows."""
        self._number += 1
        lane.resting = True
        heapq.heappush(self._blocked, (lane.items[0].due_ns, self._number, lane))
        self._dirty.update({one.position: one for one in lane.items if not one.rowed})

    def _of_its_own(self, item: Item) -> Lane:
        """An event that others have passed goes on by itself."""
        name = f"#{item.position}"
        lane = Lane(name, deque([item] if item.state == "pending" else []), walking=True)
        self._lanes[name] = lane
        return lane

    def _let_pass(self, lane: Lane, item: Item) -> None:
        """The ones behind an event need not wait for it any longer."""
        if item.loose or not (lane.items and lane.items[0] is item):
            return
        item.loose = True
        lane.items.popleft()
        lane.walking = False
        if lane.items:
            self._walk(lane)
        else:
            self._lanes.pop(lane.name, None)

    async def _deliver(self, lane: Lane, item: Item) -> None:
        item.attempts += 1
        passed = partial(self._let_pass, lane, item)
        try:
            op = item.op or await self._outbox.event(item.position)
            item.op = None
            outcome = await self._post.attempt(op, item.event_id, item.attempts, passed)
        except Exception as bug:
            log.exception("a delivery failed", event_id=item.event_id, error=repr(bug))
            outcome = Outcome(None, "our own error")
        item.status, item.why = outcome.status, outcome.why
        if outcome.why is None:
            item.state = "delivered"
            self._arrived = True
            self.open.pop(item.position, None)
            self._fresh.pop(item.position, None)
            self.recent[item.position] = item
            if len(self.recent) > RECENT:
                del self.recent[next(iter(self.recent))]
            if item.rowed:
                self._dirty[item.position] = item
            return
        if item.tried >= len(self._retry_ns):
            self._given_up.add(item, self._clock.now_ns())
            log.warning("given up", event_id=item.event_id, to=self.subscription.subscription_id)
        else:
            pause_ns = max(self._retry_ns[item.tried], outcome.retry_after_s * NS_PER_S)
            item.due_ns = self._clock.now_ns() + pause_ns
            item.tried += 1
        self._dirty[item.position] = item

    def _again(self, item: Item) -> None:
        """Begin a new schedule, in a lane of its own: its place among the others is gone."""
        self._given_up.discard(item)
        item.state, item.tried, item.due_ns, item.loose = "pending", 0, self._clock.now_ns(), True
        self.open[item.position] = self._dirty[item.position] = item
        name = f"#{item.position}"
        self._lanes[name] = Lane(name, deque([item]))

    # Rows -----------------------------------------------------------------------------------------

    async def _load(self) -> None:
        """Take up what the rows say."""
        self._asked = await self._outbox.asked()
        self._read_to, items = await self._outbox.load()
        self._saved = self._read_to
        self._given_up.take_up([item for item in items if item.state == "dead"])
        for item in items:
            self.open[item.position] = item
            if item.state == "pending":
                self._join(item)

    async def _hear(self) -> None:
        """Take up what other servers of the database were asked to have delivered."""
        if self.party.queries.kind != "postgresql" or self._asked == (
            asked := await self._outbox.asked()
        ):
            return
        self._asked = asked
        for item in (await self._outbox.load())[1]:
            known = self.open.get(item.position)
            if item.state != "pending":
                continue
            if known is None or known.state == "dead":
                self._again(known or item)
            else:
                known.due_ns = min(known.due_ns, item.due_ns)
        self._blocked = [(lane.items[0].due_ns, n, lane) for _, n, lane in self._blocked]
        heapq.heapify(self._blocked)

    def _forget(self) -> None:
        """What was given up long ago, or before too many others, is not kept any more."""
        for item in self._given_up.forget(self._clock.now_ns()):
            del self.open[item.position]
            item.state = "delivered"  # its row says nothing any more
            self._dirty[item.position] = item

    async def _read(self) -> bool:
        """Read on in the outbox; True where there may be more of it at once."""
        room = MOST - self.count()[0]
        if room <= 0 or len(self._fresh) >= FRESH:
            return False
        limit = min(PAGE, room)
        ops = await self._outbox.read(self._read_to, limit)
        for op in ops:
            self._read_to = op.n
            if op.n in self.open or not self._wanted(op):  # what has a row is on its way already
                continue
            item = Item.of(op)
            self.open[item.position] = self._fresh[item.position] = item
            if self._join(item).resting:
                self._dirty[item.position] = item
        return len(ops) == limit

    def _join(self, item: Item) -> Lane:
        name = item.player_id or ""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(name)
        lane.items.append(item)
        return lane

    async def _save(self) -> None:
        """Keep what has changed: rows of what did not arrive, and how far the outbox is done."""
        ahead = self._done - self._saved
        due = self._arrived and (not self._walking or ahead >= FRESH)
        if not self._dirty and not due and ahead < CURSOR_STEP:
            return
        rows, self._dirty, arrived, self._arrived = self._dirty, {}, self._arrived, False
        fresh = [position for position in rows if self._fresh.pop(position, None) is not None]
        for item in rows.values():
            item.rowed = item.state != "delivered"
        done = self._done
        try:
            await self._outbox.keep(done, list(rows.values()))
        except Problem:
            self._dirty, self._arrived = {**rows, **self._dirty}, arrived
            back = {position: rows[position] for position in fresh if position in self.open}
            self._fresh = dict(sorted({**self._fresh, **back}.items()))
            raise
        self._saved = done

    @property
    def _done(self) -> int:
        """Up to here everything has arrived or has a row."""
        return next(iter(self._fresh), self._read_to + 1) - 1

    def _wanted(self, op: Op) -> bool:
        topic = op.topic or ""
        return any(fnmatchcase(topic, pattern) for pattern in self.subscription.event_types)

    # Time -----------------------------------------------------------------------------------------

    @property
    def _next_ns(self) -> int | None:
        """When the first lane that rests is due, or the oldest that was given up is too old."""
        due = [self._blocked[0][0]] if self._blocked else []
        if self._given_up.next_ns is not None:
            due.append(self._given_up.next_ns)
        return min(due, default=None)
