"""The unit of work: decisions in memory, one batch of them to a database transaction.

A decision reads through a cache of rows and writes into it; an undo log takes back what a refused
decision wrote, cached rows included. At the end of a batch each changed row is written once,
however many decisions touched it (the house account is in all of them).
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from msgspec.structs import force_setattr

from simulator.base import ids
from simulator.base.clock import Clock, iso
from simulator.base.rng import Rng
from simulator.store.hearer import Heard, Hearer
from simulator.store.rows import Key, Op, Row, Seal, Task
from simulator.store.seal import seal_of
from simulator.store.sqlite import Database
from simulator.store.tx import Query
from simulator.wire import json
from simulator.wire.calls import Call, Caller
from simulator.wire.events import NEWER, SCHEMA_VERSION, Envelope, Event

R = TypeVar("R", bound=Row)
Slot = tuple[type[Row], Key]

CACHE_ROWS = 50_000
"""Rows kept between batches. When there are more, all are let go: simpler than ageing them, and
it happens once in thousands of batches."""

_ABSENT: Any = object()
_position = attrgetter("n")
_OUTBOX = "outbox"
"""The client of tasks that send a call of `Tx.ask`."""


class Unit:
    """The `Tx` of one decision after another, and the batch they make together.

    Not safe for threads: it lives on the event loop, and rests while a commit runs elsewhere.
    """

    caller: Caller
    now_ns: int

    def __init__(self, database: Database, kinds: Sequence[type[Row]], clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.rng = Rng(0)
        self.run = ""
        self.asked: list[Key] = []
        """The names of tasks that the courier is to send, those of decisions that came to nothing
        among them."""
        self.kinds = kinds
        self.forget()

    def forget(self) -> None:
        """Drop every cached and pending row, and read the positions anew."""
        self._cache: dict[Slot, Any] = {}
        self._last = self.database.positions(self.kinds)
        self._written = dict(self._last)
        self._changed: dict[Slot, None] = {}  # in the order of the first change
        self._appended: list[Row] = []
        self._undo: list[tuple[Slot, Any, bool]] = []  # slot, row before, changed by this decision
        self._events: list[Event] = []
        self._appended_mark = 0
        self._last_mark = dict(self._last)
        self._rooted = False
        self._unsealed: list[Row] = []
        self._sealed = self.database.newest(Seal)

    # One decision ---------------------------------------------------------------------------------

    def begin(self, caller: Caller, stable_key: bytes, key: str | None) -> None:
        """Start a decision for this caller; ids are minted from its stable key."""
        self.caller = caller
        self.now_ns = self.clock.now_ns()
        self._stable_key = stable_key
        self._key = key
        self._minted = 0
        if self._rooted or self._undo or self._events or len(self._appended) > self._appended_mark:
            self.mark()  # unless nothing has come since the last one

    def mark(self) -> None:
        """From here on is what `undo` takes back: another decision, even one that fails before it
        begins."""
        self._rooted = False
        self._undo.clear()
        self._events.clear()
        self._appended_mark = len(self._appended)
        self._last_mark = self._last.copy()

    def undo(self) -> None:
        """Take back everything since the mark; what came before in the batch stays."""
        for slot, before, changed in reversed(self._undo):
            if before is _ABSENT:
                del self._cache[slot]
            else:
                self._cache[slot] = before
            if changed:
                del self._changed[slot]
        self._undo.clear()
        self._events.clear()
        del self._appended[self._appended_mark :]
        self._last = self._last_mark.copy()

    @property
    def position(self) -> int:
        """Where this operation will stand among the committed ones."""
        return self._last[Op] + 1

    def get(self, kind: type[R], key: Key) -> R | None:
        """The row of this name, or None."""
        slot = (kind, key)
        row: R | None = self._cache.get(slot, _ABSENT)
        if row is _ABSENT:
            row = self._cache[slot] = self.database.fetch(self.database.writer, kind, key)
        return row

    def at(self, kind: type[R], position: int) -> R | None:
        """The row at this position, or None; for kinds that never change."""
        if kind.CHANGES:
            raise RuntimeError(f"a {kind.TABLE} row is found by its name: it may have changed")
        for row in reversed(self._appended):
            if row.n == position and type(row) is kind:
                return row
        return self.database.fetch_at(self.database.writer, kind, position)

    def page(self, query: Query, after: int | None, limit: int) -> Sequence[Row]:
        """Rows of the batch so far; a decision pages before it writes."""
        if self._undo or len(self._appended) > self._appended_mark:
            raise RuntimeError("a decision pages before it writes")
        self._write()
        return self.database.fetch_page(self.database.writer, query, after, limit)

    def lock(self, kind: type[R], key: Key) -> R | None:
        """Read the root. One writer serialises everything here, so nothing more is needed."""
        self._rooted = True
        slot = (kind, key)
        row: R | None = self._cache.get(slot, _ABSENT)
        return self.get(kind, key) if row is _ABSENT else row

    def put(self, row: R) -> R:
        """Write a named row: new where `n` is 0, else changed."""
        kind = type(row)
        slot = (kind, kind.identify(row))
        before = self._cache.get(slot, _ABSENT)
        if row.n == 0:
            if (before if before is not _ABSENT else self.get(*slot)) is not None:
                raise RuntimeError(f"{kind.TABLE} {slot[1]} exists already")
            self._place(row)
        elif not (self._rooted and kind.CHANGES):
            self._require_root(row)
            raise RuntimeError(f"a {kind.TABLE} row never changes")
        first = slot not in self._changed
        self._undo.append((slot, before, first))
        self._cache[slot] = row
        if first:
            self._changed[slot] = None
        return row

    def append(self, row: R) -> R:
        """Write a row that will never change."""
        self._place(row)
        self._appended.append(row)
        kind = type(row)
        if kind.NAMED_BY and (key := row.identity) is not None:
            slot = (kind, key)
            self._undo.append((slot, self._cache.get(slot, _ABSENT), False))
            self._cache[slot] = row
        return row

    def emit(self, event: Event) -> None:
        """Tell of this in the outbox, with this operation."""
        self._events.append(event)

    def ask(self, call: Call, then: Heard | None = None) -> None:
        """Have the courier send this call after the commit, until it is answered."""
        task = Task(
            client=_OUTBOX,
            operation="send",
            key=self.mint("call"),
            work=msgspec.msgpack.encode(call),
            results=b"" if then is None else Hearer(self.caller, then.__name__).packed(),
            due_ns=self.now_ns,
        )
        self.put(task)
        self.asked.append(Task.identify(task))

    def mint(self, kind: str, n: int = 0) -> str:
        """A new id; without an `n`, the next one of this decision."""
        self._minted += 1
        return ids.mint(self.rng, self.now_ns, self.run, kind, self._stable_key, n or self._minted)

    def remember(
        self, operation: str, fingerprint: bytes | None, status: int, answer: bytes
    ) -> None:
        """Close the decision: its answer and its events become operation rows."""
        events: list[Event | None] = [*self._events] or [None]
        first, *more = events
        self._rooted = True
        self._remember(operation, self._key, fingerprint, status, answer, first)
        for event in more:
            self._remember(operation, None, None, status, b"", event)

    def pass_on(self, operation: str) -> None:
        """Close a decision in the middle of its operation: its events leave with it, and what it
        wrote can refer to its position; the answer, under the key, is for the last one."""
        events: list[Event | None] = [*self._events] or [None]
        for event in events:
            self._remember(operation, None, None, 200, b"", event)

    def _remember(
        self,
        operation: str,
        key: str | None,
        fingerprint: bytes | None,
        status: int,
        answer: bytes,
        event: Event | None,
    ) -> None:
        caller = self.caller
        self.append(
            Op(
                client=caller.client,
                operation=operation,
                key=key,
                fingerprint=None if key is None else fingerprint,
                status=status,
                answer=answer,
                at_ns=self.now_ns,
                tenant=caller.tenant,
                brand=caller.brand,
                region=caller.region,
                trace_id=caller.trace_id,
                topic=None if event is None else event.topic,
                player_id=None if event is None else event.player_id,
                game_id=None if event is None else getattr(event.payload, "game_id", None),
                event=None if event is None else self._envelope(event),
            )
        )

    def _envelope(self, event: Event) -> bytes:
        caller = self.caller
        return json.encode(
            Envelope(
                event_id=event.event_id or self.mint("evt"),
                event_type=event.topic,
                occurred_at=iso(self.now_ns),
                tenant_id=caller.tenant,
                brand_id=caller.brand,
                licence=caller.licence,
                region=caller.region,
                provider_id=caller.provider,
                player_id=event.player_id,
                trace_id=caller.trace_id,
                payload=event.payload,
                idempotency_key=self._key,
                schema_version=NEWER.get(event.topic, SCHEMA_VERSION),
                session_id=event.session_id,
                build_hash=event.build_hash,
            )
        )

    def _place(self, row: Row) -> None:
        # The row was made by the decision a moment ago and nobody else holds it: giving it its
        # position in place saves a copy of every row.
        if not self._rooted:
            self._require_root(row)
        kind = type(row)
        position = self._last[kind] = self._last[kind] + 1
        force_setattr(row, "n", position)

    def _require_root(self, row: Row) -> None:
        if not self._rooted:
            raise RuntimeError(f"{row.TABLE}: a decision locks its root before it writes")

    # The batch ------------------------------------------------------------------------------------

    def read_ahead(self, slots: Iterable[Slot]) -> None:
        """Read what a batch is known to ask for, the rows of a kind in one go: most of it is not
        there, and a look for a row by itself costs three times as much."""
        cache = self._cache
        wanted: dict[type[Row], list[Key]] = {}
        for slot in slots:
            if slot not in cache:
                cache[slot] = None
                wanted.setdefault(slot[0], []).append(slot[1])
        for kind, keys in wanted.items():
            for row in self.database.fetch_all(self.database.writer, kind, keys):
                cache[kind, kind.identify(row)] = row

    def spill(self) -> None:
        """End the batch: write what is pending into the open transaction, and seal it."""
        self._write()
        if self._unsealed:
            positions = {kind.TABLE: last for kind, last in self._last.items()}
            self._sealed = seal_of(self._sealed, positions, self._unsealed)
            self.database.write([self._sealed], ())
            self._unsealed.clear()

    def _write(self) -> None:
        if not (self._appended or self._changed):
            return
        fresh: dict[type[Row], list[Row]] = {kind: [] for kind in self.kinds}
        old: list[Row] = []
        for slot in self._changed:
            row = self._cache[slot]
            (fresh[slot[0]] if row.n > self._written[slot[0]] else old).append(row)
        for row in self._appended:
            fresh[type(row)].append(row)
        new: list[Row] = []
        for rows in fresh.values():  # what is referred to comes first
            rows.sort(key=_position)
            new += rows
        self.database.write(new, old)
        self._unsealed += new
        self._unsealed += old
        self._written = self._last.copy()
        self._changed.clear()
        self._appended.clear()
        self._appended_mark = 0

    def tidy(self) -> None:
        """After a commit: keep the cache within its bound."""
        if len(self._cache) > CACHE_ROWS:
            self._cache.clear()


class Snapshot:
    """The `Reads` of a query: committed rows only, on a connection that cannot write.

    Within its `with` block everything is read as of one moment, however many rows it takes.
    """

    def __init__(self, database: Database, caller: Caller, now_ns: int, *, paging: bool) -> None:
        self.caller = caller
        self.now_ns = now_ns
        self._database = database
        self._connection = database.pager if paging else database.reader

    def __enter__(self) -> "Snapshot":
        if self._database.path is not None:  # in memory nothing can come between two reads
            self._connection.execute("BEGIN")
        return self

    def __exit__(self, *raised: object) -> None:
        if self._database.path is not None:
            self._connection.execute("ROLLBACK")

    def get(self, kind: type[R], key: Key) -> R | None:
        """The row of this name, or None."""
        return self._database.fetch(self._connection, kind, key)

    def at(self, kind: type[R], position: int) -> R | None:
        """The row at this position, or None."""
        return self._database.fetch_at(self._connection, kind, position)

    def page(self, query: Query, after: int | None, limit: int) -> Sequence[Row]:
        """At most `limit` rows beyond a position."""
        return self._database.fetch_page(self._connection, query, after, limit)
