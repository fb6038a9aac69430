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
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from simulator.adapters.sleeper import Sleeper
from simulator.base.clock import NS_PER_S, Clock
from simulator.base.errors import NotFound, Problem
from simulator.server.clients import BRANDS
from simulator.server.owner import owner
from simulator.server.posting import Outcome, Post
from simulator.store.rows import Fact, Op, Task
from simulator.store.tx import Query, Reads
from simulator.store.unit import Unit
from simulator.wire.deliveries import DeliveryState, Subscription

if TYPE_CHECKING:
    from simulator.server.party import Party

CLIENT = "delivery"
"""The client of rows that keep deliveries; for the courier they are `done`: none of its own."""

AT_ONCE = 32
"""Attempts side by side, so that a subscriber that is back is not buried."""

PAGE = 200

FRESH = 256
"""Events under way for the first time: so many may be sent again after a crash."""

MOST = 10_000
"""Events that have not arrived; the rest waits in the outbox."""

RECENT = 2_000
"""Events that have arrived and can still be listed."""

CURSOR_STEP = 1_000
"""After so many events that nobody has subscribed to the cursor is kept all the same."""

LOOK_AGAIN_NS = NS_PER_S
"""Other servers of one database do not say what they have committed."""

log = structlog.get_logger("deliveries")


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """What a row says of a delivery besides its attempts: `tried` of them on this schedule."""

    event_id: str
    tried: int
    dead: bool


@dataclass(slots=True, eq=False)
class Item:
    """One event on its way. `op` is kept until the first attempt, and read again after it."""

    position: int
    event_id: str
    event_type: str
    player_id: str | None
    op: Op | None = None
    state: DeliveryState = "pending"
    attempts: int = 0
    tried: int = 0
    due_ns: int = 0
    status: int | None = None
    why: str | None = None
    rowed: bool = False
    loose: bool = False
    """Nothing waits for it any more."""


@dataclass(slots=True, eq=False)
class Lane:
    """What follows one another."""

    name: str
    items: deque[Item] = field(default_factory=deque)
    walking: bool = False
    resting: bool = False
    """It has a time at which it goes on."""


class Feed:
    """One party's events for one subscription. `name` is its own alone, never used twice."""

    def __init__(self, name: str, post: Post, party: "Party", clock: Clock, sleep: Sleeper) -> None:
        self.subscription: Subscription = post.subscription
        self.party = party
        self.open: dict[int, Item] = {}
        """What has not arrived, by position; given up or not."""
        self.recent: dict[int, Item] = {}
        self._name = name
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
            caller = owner(next(iter(BRANDS.values())), "tr_deliveries")
            found = await self.party.read(
                caller, lambda tx: (tx.at(Op, position), tx.get(Task, self._row(position))),
                pages=False,
            )  # fmt: skip
            op, task = found
            if op is None or op.topic is None or not self._wanted(op.topic):
                raise NotFound(f"{self.subscription.subscription_id} has no such delivery")
            item = self._item(op)
            item.attempts = 1 if task is None else task.attempts
            item.rowed = task is not None
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
        op = item.op or await self._op(item.position)
        item.op = None
        passed = partial(self._let_pass, lane, item)
        try:
            outcome = await self._post.attempt(op, item.event_id, item.attempts, passed)
        except Exception as bug:
            log.exception("a delivery failed", event=item.event_id, error=repr(bug))
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
            log.warning("given up", event=item.event_id, to=self.subscription.subscription_id)
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

        def look(tx: Reads) -> tuple[Fact | None, list[tuple[Task, Op | None]]]:
            tasks = []
            where = (
                ("client", "=", CLIENT),
                ("operation", "=", self._name),
                ("results", "<>", b""),
            )
            after = 0
            while True:
                page = tx.page(Query(Task, where), after, PAGE)
                found = [task for task in page if isinstance(task, Task)]
                tasks += [(task, tx.at(Op, int(task.key))) for task in found]
                if len(found) < PAGE:
                    return tx.get(Fact, (self._cursor,)), tasks
                after = found[-1].n

        cursor, tasks = await self._look(look)
        self._read_to = self._saved = int(cursor.value) if cursor is not None else 0
        for task, op in sorted(tasks, key=lambda one: int(one[0].key)):
            if op is None:
                continue
            stored = msgspec.msgpack.decode(task.results, type=Stored)
            item = self._item(op)
            item.attempts, item.tried, item.due_ns = task.attempts, stored.tried, task.due_ns
            item.rowed, item.op = True, None
            item.state = "dead" if stored.dead else "pending"
            self.open[item.position] = item
            if not stored.dead:
                self._join(item)

    async def _read(self) -> bool:
        """Read on in the outbox; True where there may be more of it at once."""
        room = MOST - len(self.open)
        if room <= 0 or len(self._fresh) >= FRESH:
            return False
        limit = min(PAGE, room)
        query = Query(Op, (("topic", "<>", ""),))
        rows = await self._look(lambda tx: tx.page(query, self._read_to, limit))
        for op in rows:
            self._read_to = op.n
            if not isinstance(op, Op) or not self._wanted(op.topic or ""):
                continue
            item = self._item(op)
            item.op = op
            self.open[item.position] = self._fresh[item.position] = item
            lane = self._join(item)
            if lane.resting:
                self._dirty[item.position] = item
        return len(rows) == limit

    def _join(self, item: Item) -> Lane:
        name = item.player_id or ""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(name)
        lane.items.append(item)
        return lane

    async def _save(self) -> None:
        """Keep what has changed: rows of what did not arrive, and how far the outbox is done."""
        done = next(iter(self._fresh), self._read_to + 1) - 1
        rows, self._dirty = self._dirty, {}
        fresh_rows = [position for position in rows if position in self._fresh]
        due = self._arrived and (not self._walking or done - self._saved >= FRESH)
        if not rows and not due and done - self._saved < CURSOR_STEP:
            return
        for position in fresh_rows:
            del self._fresh[position]
        done = next(iter(self._fresh), self._read_to + 1) - 1
        written = [self._task(item) for item in rows.values()]
        try:
            await self.party.writer.submit(
                partial(_write, cursor=self._cursor, done=str(done), tasks=written)
            )
        except Problem:
            self._dirty = {**rows, **self._dirty}
            for position in fresh_rows:
                self._fresh[position] = rows[position]
            self._fresh = dict(sorted(self._fresh.items()))
            raise
        for item in rows.values():
            item.rowed = item.state != "delivered"
        self._saved = done
        self._arrived = False

    def _task(self, item: Item) -> Task:
        gone = item.state == "delivered"
        stored = Stored(item.event_id, item.tried, item.state == "dead")
        return Task(
            client=CLIENT,
            operation=self._name,
            key=str(item.position),
            work=b"",
            results=b"" if gone else msgspec.msgpack.encode(stored),
            state="done",
            due_ns=item.due_ns,
            attempts=item.attempts,
        )

    @property
    def _cursor(self) -> str:
        return cursor_of(self._name)

    def _row(self, position: int) -> tuple[str, str, str]:
        return CLIENT, self._name, str(position)

    async def _op(self, position: int) -> Op:
        op: Op | None = await self._look(lambda tx: tx.at(Op, position), pages=False)
        if op is None:
            raise NotFound(f"there is no operation {position}")
        return op

    async def _look(self, look: Callable[[Reads], Any], *, pages: bool = True) -> Any:
        caller = owner(next(iter(BRANDS.values())), "tr_deliveries")
        return await self.party.read(caller, look, pages=pages)

    def _wanted(self, topic: str) -> bool:
        return any(fnmatchcase(topic, pattern) for pattern in self.subscription.event_types)

    def _item(self, op: Op) -> Item:
        said = msgspec.json.decode(op.event or b"", type=_Named)
        return Item(op.n, said.event_id, op.topic or "", op.player_id)

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
        await self._quiet.wait()

    def _behind(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_look_at)
        return task


class _Named(msgspec.Struct):
    event_id: str


def cursor_of(name: str) -> str:
    """The fact that says how far an outbox is done for a subscription."""
    return f"delivered.{name}"


def _write(unit: Unit, cursor: str, done: str, tasks: list[Task]) -> None:
    for task in tasks:
        known = unit.lock(Task, Task.identify(task))
        if known is None:
            unit.put(task)
        else:
            unit.put(known.but(results=task.results, due_ns=task.due_ns, attempts=task.attempts))
    fact = unit.lock(Fact, (cursor,))
    if fact is None:
        unit.put(Fact(name=cursor, value=done))
    elif fact.value != done:
        unit.put(fact.but(value=done))


def _look_at(task: "asyncio.Task[None]") -> None:
    """What goes on behind ends unseen, so a failure of it is told here."""
    with suppress(asyncio.CancelledError):
        if (failed := task.exception()) is not None:
            log.error("deliveries stopped", error=repr(failed))
