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
from collections.abc import Coroutine
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import structlog

from simulator.adapters.sleeper import Sleeper
from simulator.base.clock import NS_PER_S, Clock
from simulator.base.errors import NotFound, Problem
from simulator.server.outbox import PAGE, Item, Lane, Outbox
from simulator.server.posting import Outcome, Post
from simulator.store.rows import Op
from simulator.wire.deliveries import Subscription

AT_ONCE = 32
"""Attempts side by side, so that a subscriber that is back is not buried."""

FRESH = 256
"""Events under way for the first time: so many may be sent again after a crash."""

MOST = 10_000
"""Events that have not arrived; the rest waits in the outbox."""

RECENT = 2_000
"""Events that have arrived and can still be listed."""

CURSOR_STEP = 1_000
"""After so many events that nobody has subscribed to the cursor is kept all the same."""

ANSWER_S = 0.2
"""Real time that an alarm gives a subscriber to answer before a clock that is advanced goes on."""

TURNS = 50
"""Turns of the loop that it gives an inbox: an attempt and its row take 20."""

LOOK_AGAIN_NS = NS_PER_S
"""Other servers of one database do not say what they have committed."""

log = structlog.get_logger("deliveries")


class Feed:
    """One party's events for one subscription."""

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
        self._arrived = False
        self._fresh: dict[int, Item] = {}
        self._dirty: dict[int, Item] = {}
        self._lanes: dict[str, Lane] = {}
        self._blocked: list[tuple[int, int, Lane]] = []
        self._walking = self._number = 0
        self._room = asyncio.Semaphore(AT_ONCE)
        self._news = asyncio.Event()
        self._quiet = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._alarm: tuple[int, asyncio.Task[None]] | None = None

    # From outside ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, or go on where it stopped."""
        self._behind(self._run())

    def news(self) -> None:
        """Something was committed, or is to be done."""
        self._quiet.clear()
        self._news.set()

    async def quiet(self) -> None:
        """Wait until everything that is due now was tried."""
        await self._quiet.wait()
        await asyncio.sleep(0)  # the alarm is set by then

    def count(self) -> tuple[int, int]:
        """How many are pending, and how many were given up."""
        dead = sum(item.state == "dead" for item in self.open.values())
        return len(self.open) - dead, dead

    @property
    def full(self) -> bool:
        """Whether no more is read until some have arrived."""
        return len(self.open) >= MOST

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

    async def close(self) -> None:
        """Stop. What has not arrived is in the rows, or behind the cursor."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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
            self._set_alarm()
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
        self._behind(self._go(lane))

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
            item.state = "dead"
            log.warning("given up", event_id=item.event_id, to=self.subscription.subscription_id)
        else:
            pause_ns = max(self._retry_ns[item.tried], outcome.retry_after_s * NS_PER_S)
            item.due_ns = self._clock.now_ns() + pause_ns
            item.tried += 1
        self._dirty[item.position] = item

    def _again(self, item: Item) -> None:
        """Begin a new schedule, in a lane of its own: its place among the others is gone."""
        item.state, item.tried, item.due_ns, item.loose = "pending", 0, self._clock.now_ns(), True
        self.open[item.position] = self._dirty[item.position] = item
        name = f"#{item.position}"
        self._lanes[name] = Lane(name, deque([item]))

    # Rows -----------------------------------------------------------------------------------------

    async def _load(self) -> None:
        """Take up what the rows say."""
        self._read_to, items = await self._outbox.load()
        self._saved = self._read_to
        for item in items:
            self.open[item.position] = item
            if item.state == "pending":
                self._join(item)

    async def _read(self) -> bool:
        """Read on in the outbox; True where there may be more of it at once."""
        room = MOST - len(self.open)
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

    def _set_alarm(self) -> None:
        """Wake when the first lane that rests is due. The alarm lasts until what is due was tried,
        so that a clock that is advanced waits for it (SBX-03)."""
        next_ns = self._blocked[0][0] if self._blocked else None
        if self.party.queries.kind == "postgresql":
            look_ns = self._clock.now_ns() + LOOK_AGAIN_NS
            next_ns = look_ns if next_ns is None else min(next_ns, look_ns)
        if self._alarm is not None and (self._alarm[0] != next_ns or self._alarm[1].done()):
            self._alarm[1].cancel()
            self._alarm = None
        if next_ns is not None and self._alarm is None:
            self._alarm = next_ns, self._behind(self._ring(next_ns))

    async def _ring(self, at_ns: int) -> None:
        await self._sleep(at_ns - self._clock.now_ns())
        self._alarm = None
        self.news()
        if self._post.outside:
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await self._quiet.wait()
            return
        for _ in range(TURNS):
            if self._quiet.is_set():
                return
            await asyncio.sleep(0)

    def _behind(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_look_at)
        return task


def _look_at(task: "asyncio.Task[None]") -> None:
    """What goes on behind ends unseen, so a failure of it is told here."""
    with suppress(asyncio.CancelledError):
        if (failed := task.exception()) is not None:
            log.error("deliveries stopped", error=repr(failed))
