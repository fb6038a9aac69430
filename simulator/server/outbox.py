"""What a party's store knows of one subscription's deliveries: the events to come, how far they are
done, and a row for each that has not arrived at once (PRV-34)."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from simulator.base.errors import NotFound
from simulator.server.clients import BRANDS
from simulator.server.owner import owner
from simulator.store.rows import Fact, Op, Task
from simulator.store.tx import Query, Reads
from simulator.store.unit import Unit
from simulator.wire.deliveries import DeliveryState

if TYPE_CHECKING:
    from simulator.server.party import Party

CLIENT = "delivery"
"""The client of rows that keep deliveries; for the courier they are `done`: none of its own."""

PAGE = 200

EVENTS = (("topic", "<>", ""),)


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
    """How many of them on this schedule."""
    due_ns: int = 0
    status: int | None = None
    why: str | None = None
    rowed: bool = False
    loose: bool = False
    """Nothing waits for it any more."""

    @classmethod
    def of(cls, op: Op) -> "Item":
        """The event of an operation."""
        said = msgspec.json.decode(op.event or b"", type=_Named)
        return cls(op.n, said.event_id, op.topic or "", op.player_id, op)


@dataclass(slots=True, eq=False)
class Lane:
    """What follows one another."""

    name: str
    items: deque[Item] = field(default_factory=deque)
    walking: bool = False
    resting: bool = False
    """It has a time at which it goes on."""


class _Named(msgspec.Struct):
    event_id: str


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """What a row says of a delivery besides its attempts; a row of one that has arrived says
    nothing."""

    event_id: str
    event_type: str
    player_id: str | None
    tried: int
    dead: bool


class Outbox:
    """One party's. `name` is the subscription's own alone, never used twice."""

    def __init__(self, name: str, party: "Party") -> None:
        self.party = party
        self._name = name
        self._cursor = f"delivered.{name}"
        self._asked = f"deliver.{name}"

    async def begin(self, *, from_start: bool) -> None:
        """Say where the subscription begins: behind the newest event, or before the first."""
        query = Query(Op, EVENTS, newest_first=True)
        rows = [] if from_start else await self._look(lambda tx: tx.page(query, None, 1))
        await self.keep(rows[0].n if rows else 0, ())

    async def load(self) -> tuple[int, list[Item]]:
        """How far the events are done, and what has not arrived of those, in their order."""
        cursor, rows = await self._look(self._rows)
        items = []
        for task in sorted(rows, key=lambda row: int(row.key)):
            stored = msgspec.msgpack.decode(task.results, type=_Stored)
            items.append(
                Item(
                    int(task.key),
                    stored.event_id,
                    stored.event_type,
                    stored.player_id,
                    state="dead" if stored.dead else "pending",
                    attempts=task.attempts,
                    tried=stored.tried,
                    due_ns=task.due_ns,
                    rowed=True,
                )
            )
        return (0 if cursor is None else int(cursor.value)), items

    async def read(self, after: int, limit: int) -> list[Op]:
        """The events after a position."""
        rows = await self._look(lambda tx: tx.page(Query(Op, EVENTS), after, limit))
        return [row for row in rows if isinstance(row, Op)]

    async def event(self, position: int) -> Op:
        """One operation with an event, by its place in the feed. Raises NotFound."""
        found = await self.read(position - 1, 1)
        if not found or found[0].n != position:
            raise NotFound(f"there is no event at {position}")
        return found[0]

    async def attempts(self, position: int) -> int | None:
        """How often an event was tried that has a row."""
        name = (CLIENT, self._name, str(position))
        task: Task | None = await self._look(lambda tx: tx.get(Task, name), pages=False)
        return None if task is None else task.attempts

    async def keep(self, done: int, items: Sequence[Item]) -> None:
        """Write down how far the events are done, and how these stand."""
        facts = {self._cursor: str(done)}
        await self._write([self._task(item) for item in items], facts)

    async def ask(self, items: Sequence[Item]) -> None:
        """Have these delivered by the server whose turn it is."""
        times = int(await self.asked() or 0) + 1
        await self._write([self._task(item) for item in items], {self._asked: str(times)})

    async def asked(self) -> str | None:
        """Another value than before where a server was asked to have something delivered."""
        fact = await self._look(lambda tx: tx.get(Fact, (self._asked,)), pages=False)
        return None if fact is None else str(fact.value)

    async def end(self) -> None:
        """The subscription is gone: its rows say nothing any more. They stay, for the audit chain
        covers them."""
        _, items = await self.load()
        for item in items:
            item.state = "delivered"
        for at in range(0, len(items), PAGE):
            await self._write([self._task(item) for item in items[at : at + PAGE]], {})

    async def _write(self, tasks: Sequence[Task], facts: Mapping[str, str]) -> None:
        await self.party.writer.submit(partial(_write, tasks=tasks, facts=facts))

    def _rows(self, tx: Reads) -> tuple[Fact | None, list[Task]]:
        where = (("client", "=", CLIENT), ("operation", "=", self._name), ("results", "<>", b""))
        found: list[Task] = []
        after = 0
        while True:
            rows = tx.page(Query(Task, where), after, PAGE)
            found += [row for row in rows if isinstance(row, Task)]
            if len(rows) < PAGE:
                return tx.get(Fact, (self._cursor,)), found
            after = rows[-1].n

    def _task(self, item: Item) -> Task:
        stored = _Stored(
            item.event_id, item.event_type, item.player_id, item.tried, item.state == "dead"
        )
        return Task(
            client=CLIENT,
            operation=self._name,
            key=str(item.position),
            work=b"",
            results=b"" if item.state == "delivered" else msgspec.msgpack.encode(stored),
            state="done",
            due_ns=item.due_ns,
            attempts=item.attempts,
        )

    async def _look(self, look: Callable[[Reads], Any], *, pages: bool = True) -> Any:
        caller = owner(next(iter(BRANDS.values())), "tr_deliveries")
        return await self.party.read(caller, look, pages=pages)


def _write(unit: Unit, tasks: Sequence[Task], facts: Mapping[str, str]) -> None:
    for task in tasks:
        known = unit.lock(Task, Task.identify(task))
        if known is None:
            unit.put(task)
        else:
            unit.put(known.but(results=task.results, due_ns=task.due_ns, attempts=task.attempts))
    for name, value in facts.items():
        fact = unit.lock(Fact, (name,))
        if fact is None:
            unit.put(Fact(name=name, value=value))
        elif fact.value != value:
            unit.put(fact.but(value=value))
