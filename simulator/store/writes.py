"""What a party asks of its store, whichever database is behind it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from simulator.store.reading import Books
from simulator.store.rows import Key
from simulator.store.tx import Reads
from simulator.store.unit import Unit
from simulator.wire.calls import Caller

T = TypeVar("T")


class Writes(Protocol):
    """Runs decisions, and answers none before its commit."""

    asked: Callable[[Sequence[Key]], None]
    """Called after a commit with the names of the tasks that its decisions asked for; there may be
    some of decisions that came to nothing."""

    committed: Callable[[], None] | None
    """Called after every commit, where somebody waits for events."""

    @property
    def unit(self) -> Unit:
        """The unit of work of every decision."""
        ...

    @property
    def closed(self) -> bool:
        """True once nothing more is accepted."""
        ...

    def submit(self, work: Callable[[Unit], T]) -> "asyncio.Future[T]":
        """Queue a decision; the future holds its result once it is durable."""
        ...

    async def close(self) -> None:
        """Finish what was begun, then close the store."""
        ...


class Turn(Protocol):
    """Of several servers on one database, one at a time does what none needs to do twice."""

    @property
    def mine(self) -> bool:
        """Whether this one has it, as of the last look."""
        ...

    async def look(self) -> bool:
        """Take it where nobody has it, keep it where it is ours; whether it is."""
        ...

    async def close(self) -> None:
        """Leave it to the others."""
        ...


class Queries(Protocol):
    """Runs what reads, on committed rows."""

    @property
    def kind(self) -> str:
        """Which store it is, as `/__admin/health` names it."""
        ...

    async def read(
        self, caller: Caller, now_ns: int, decide: Callable[[Reads], T], *, pages: bool
    ) -> T:
        """Run a reading decision; one that reads pages may take long, away from the event loop."""
        ...

    async def audit(self, look: Callable[[Books], T]) -> T:
        """Run what reads whole tables, all of one moment."""
        ...

    def turn(self, name: str) -> Turn | None:
        """The turn of this name; None where no other process writes to the store."""
        ...

    async def close(self) -> None:
        """Finish what is under way."""
        ...
