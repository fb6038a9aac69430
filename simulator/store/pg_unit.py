"""The unit of work on PostgreSQL: the same decisions, against rows that were read in one go.

A decision is a plain function and cannot wait for a database. So what it asks for and this batch
has not read is noted and ends it (`Missing`); what was noted is read for the whole batch with one
statement for each kind, and the decision runs again from its start. To note most of it beforehand,
a batch begins with a rehearsal: every decision runs on what was last known of its rows, for nothing
but the names it asks for.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, cast

from simulator.base.clock import Clock
from simulator.store.rows import Key, Op, Row, Seal
from simulator.store.seal import Leaf
from simulator.store.sqlite import Database
from simulator.store.tx import Query
from simulator.store.unit import Unit
from simulator.wire.calls import Caller

R = TypeVar("R", bound=Row)
Slot = tuple[type[Row], Key]
Place = tuple[type[Row], int]
Page = tuple[Query, int | None, int]

HINTS = 50_000
"""Rows remembered from batch to batch for rehearsals. When there are more, all are let go."""

SPARE = 3
"""Positions that are drawn for a decision whose rehearsal asked for too few."""

_UNREAD: Any = object()


class Missing(Exception):
    """A decision needs what its batch has not read; it was noted, and runs again."""


@dataclass(slots=True)
class Wants:
    """What is to be read, locked or drawn before the decisions run again."""

    rows: set[Slot] = field(default_factory=set)
    roots: set[Slot] = field(default_factory=set)
    places: set[Place] = field(default_factory=set)
    numbers: Counter[type[Row]] = field(default_factory=Counter)
    pages: list[Page] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.rows, self.roots, self.places, self.numbers, self.pages))


class Change(NamedTuple):
    """A row that was there, before and after."""

    before: Row
    after: Row


class Known:
    """What a batch, or a query, has read. It stands where a unit of work expects its database, and
    answers from memory or with `Missing`."""

    writer = None
    """What a unit hands back when it reads; there is no connection to choose from here."""

    def __init__(self) -> None:
        self.hints: dict[Slot, Row] = {}
        self.rehearsing = False
        self._drawn_before: dict[type[Row], int] = {}
        self.forget()

    def forget(self) -> None:
        """A new batch, or the same one from its start."""
        self.wants = Wants()
        self.leaves: list[Leaf] = []
        self.ops: list[int] = []
        self.rows_read: dict[Slot, Row | None] = {}
        self.locked: set[Slot] = set()
        self.drawn: dict[type[Row], list[int]] = {}
        self.inserts: list[Row] = []
        self.changes: list[Change] = []
        self._places: dict[Place, Row | None] = {}
        self._pages: dict[Page, list[Row]] = {}

    # What decisions ask for -----------------------------------------------------------------------

    def fetch(self, _connection: None, kind: type[R], key: Key) -> R | None:
        """The row of this name."""
        slot = (kind, key)
        if self.rehearsing:
            self.wants.rows.add(slot)
            return cast("R | None", self.hints.get(slot))
        row = self.rows_read.get(slot, _UNREAD)
        if row is _UNREAD:
            self.wants.rows.add(slot)
            raise Missing
        return cast("R | None", row)

    def fetch_at(self, _connection: None, kind: type[R], position: int) -> R | None:
        """The row at this position."""
        place = (kind, position)
        row = self._places.get(place, _UNREAD)
        if row is _UNREAD:
            self.wants.places.add(place)
            raise Missing
        return cast("R | None", row)

    def fetch_page(
        self, _connection: None, query: Query, after: int | None, limit: int
    ) -> list[Row]:
        """One page of a query. It is good for one decision only: the next one may come after
        rows that the batch has made."""
        page = (query, after, limit)
        rows = self._pages.pop(page, None)
        if rows is None:
            if page not in self.wants.pages:
                self.wants.pages.append(page)
            raise Missing
        return rows

    def require_lock(self, slot: Slot) -> None:
        """Nobody else changes what hangs on this root until the batch has ended."""
        if self.rehearsing:
            self.wants.roots.add(slot)
        elif slot not in self.locked:
            self.wants.roots.add(slot)
            raise Missing

    def last(self, kind: type[Row]) -> int:
        """The position before the first that this batch has of a kind."""
        numbers = self.drawn.get(kind)
        return numbers[0] - 1 if numbers else self._drawn_before.get(kind, 0)

    def positions(self, kinds: Sequence[type[Row]]) -> dict[type[Row], int]:
        """The same of several kinds."""
        return {kind: self.last(kind) for kind in kinds}

    def newest(self, _kind: type[Seal]) -> None:
        """Seals are the sealer's affair: a unit never has one."""

    def next_number(self, kind: type[Row], last: int) -> int:
        """The position after `last` among those that were drawn for this batch."""
        if self.rehearsing:
            return last + 1
        numbers = self.drawn.get(kind, ())
        place = bisect_right(numbers, last)
        if place == len(numbers):
            self.wants.numbers[kind] += SPARE
            raise Missing
        return numbers[place]

    # What was read for them -----------------------------------------------------------------------

    def learn_rows(self, asked: Iterable[Slot], found: Iterable[Row]) -> None:
        """These were asked for by name, and those exist."""
        self.rows_read.update(dict.fromkeys(asked))
        self.rows_read.update({(type(row), type(row).identify(row)): row for row in found})

    def learn_places(self, asked: Iterable[Place], found: Iterable[Row]) -> None:
        """These were asked for by position, and those exist."""
        self._places.update(dict.fromkeys(asked))
        self._places.update({(type(row), row.n): row for row in found})

    def learn_page(self, page: Page, rows: list[Row]) -> None:
        """One page, for the decision that asks next."""
        self._pages[page] = rows

    def learn_numbers(self, kind: type[Row], numbers: list[int]) -> None:
        """These positions are ours; they come after all that we had."""
        self.drawn.setdefault(kind, []).extend(numbers)
        self._drawn_before[kind] = numbers[-1]

    # What they leave ------------------------------------------------------------------------------

    def write(self, new: Iterable[Row], old: Iterable[Row]) -> None:
        """Keep rows for the batch's statements. Whether one is new is not for its position to say:
        another process may have drawn a higher one."""
        self._pages.clear()
        for row in (*new, *old):
            identity = row.identity
            slot = (type(row), identity or ())
            before = self.rows_read.get(slot) if identity else None
            if before is None:
                self.inserts.append(row)
            else:
                self.changes.append(Change(before, row))
            if identity and row.CHANGES:
                self.rows_read[slot] = row

    def begin_again(self) -> None:
        """Forget what was read, and want all of it at once: the next try knows more."""
        rows = set(self.rows_read) | self.wants.rows
        roots = self.locked | self.wants.roots
        numbers = self.wants.numbers
        numbers.update({kind: len(drawn) for kind, drawn in self.drawn.items()})
        self.forget()
        self.wants = Wants(rows=rows, roots=roots, numbers=numbers)

    def begin_again_locked(self) -> None:
        """The same within the open transaction, whose locks and positions stay."""
        rows, numbers = set(self.rows_read) | self.wants.rows, self.wants.numbers
        locked, drawn = self.locked, self.drawn
        self.forget()
        self.wants = Wants(rows=rows, numbers=numbers)
        self.locked, self.drawn = locked, drawn

    def remember(self) -> None:
        """After a commit: what rehearsals go by."""
        if len(self.hints) > HINTS:
            self.hints.clear()
        for slot, row in self.rows_read.items():
            if row is not None and row.CHANGES:
                self.hints[slot] = row


class _Marked(NamedTuple):
    undo: list[tuple[Any, Any, bool]]
    appended_mark: int
    last_mark: dict[type[Row], int]


class PgUnit(Unit):
    """The `Tx` of decisions on PostgreSQL: what it has not read, it asks `known` for."""

    def __init__(self, known: Known, kinds: Sequence[type[Row]], clock: Clock) -> None:
        self.known = known
        self.kinds = kinds
        self.deciding = False
        self._earlier: list[_Marked] = []
        self._batch_ns = clock.now_ns()
        # `Known` has every method of a database that a unit calls; the rest are the SQLite
        # writer's, which never meets this unit.
        super().__init__(cast(Database, known), kinds, clock)

    def new_batch(self) -> None:
        """Stop the clock for a batch: a decision that runs again is given the same time, and so
        mints the same ids and asks for the same rows."""
        self._batch_ns = self.clock.now_ns()

    def begin(self, caller: Caller, stable_key: bytes, key: str | None) -> None:
        """Start a decision for this caller, at the time of the batch."""
        super().begin(caller, stable_key, key)
        self.now_ns = self._batch_ns

    def start(self) -> None:
        """From here on is what `undo_all` takes back."""
        self._earlier.clear()
        self._undo.clear()
        super().mark()

    def mark(self) -> None:
        """From here on is what `undo` takes back. What came before stays, unless something turns
        out to be missing: then all of it has to run again."""
        if self._undo or len(self._appended) > self._appended_mark:
            self._earlier.append(_Marked(self._undo, self._appended_mark, self._last_mark))
            self._undo = []
        super().mark()

    def undo_all(self) -> None:
        """Take back everything since the start."""
        self.undo()
        while self._earlier:
            self._undo, self._appended_mark, self._last_mark = self._earlier.pop()
            self.undo()

    @property
    def position(self) -> int:
        """Where this operation stands: a name for it, unique and above all that came before. Its
        place among the committed ones is given to it afterwards."""
        last = self._last[Op]
        return self.known.next_number(Op, last) if self.deciding else last + 1

    def lock(self, kind: type[R], key: Key) -> R | None:
        """Read the root, once it is locked."""
        self.known.require_lock((kind, key))
        return super().lock(kind, key)

    def remember(
        self, operation: str, fingerprint: bytes | None, status: int, answer: bytes
    ) -> None:
        """Close the decision; a rehearsal has heard enough."""
        if self.known.rehearsing:
            self.known.wants.numbers[Op] += max(1, len(self._events))
            return
        super().remember(operation, fingerprint, status, answer)

    def spill(self) -> None:
        """Hand over what is pending. The sealer makes the seal, after the commit."""
        self._write()
        self._unsealed.clear()

    def _place(self, row: Row) -> None:
        kind = type(row)
        if self.known.rehearsing:
            self.known.wants.numbers[kind] += 1
        self._last[kind] = self.known.next_number(kind, self._last[kind]) - 1
        super()._place(row)
