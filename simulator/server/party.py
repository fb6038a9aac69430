"""What the server sees of a world: its parties behind a contract, its clock, its callers."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from simulator.adapters.inprocess import App
from simulator.adapters.sleeper import Sleeper, sleep
from simulator.adapters.timers import Timers
from simulator.base.clock import WorldClock
from simulator.base.errors import Unavailable
from simulator.base.rng import Rng
from simulator.chaos.chaos import Chaos
from simulator.server.auth import Authority
from simulator.server.courier import Courier, Outgoing
from simulator.server.deliveries import Deliveries
from simulator.server.due import Due
from simulator.server.journal import Journal
from simulator.server.kind import PartyKind
from simulator.server.limiter import Limiter
from simulator.server.meter import Meter
from simulator.server.routes import Service, bind
from simulator.server.schedule import Schedule
from simulator.settings import ClockSetting
from simulator.store.reading import Books
from simulator.store.tx import Reads
from simulator.store.writes import Queries, Writes
from simulator.wire.calls import Caller

T = TypeVar("T")


class Party:
    """One actor with its contracts, a store of its own and a way to call the others."""

    def __init__(
        self,
        kind: PartyKind,
        services: Sequence[Service],
        writer: Writes,
        queries: Queries,
        outgoing: Outgoing,
        sleep: Sleeper = sleep,
        dues: Sequence[Due] = (),
        meter: Meter | None = None,
    ) -> None:
        self.kind = kind
        self.name = kind.name
        self.dues = dues
        self.meter = meter
        self.notes = kind.notes
        self.contracts = [service.contract for service in services]
        self.writer = writer
        self.queries = queries
        self.routes = bind(services)
        self.courier = Courier(kind.name, writer, self.routes, outgoing, sleep, kind.hears)
        self._closing = False
        self._listeners: dict[object, Callable[[], None]] = {}

    def listen(self, who: object, heard: Callable[[], None]) -> None:
        """Call `heard` after each commit from now on."""
        self._listeners[who] = heard
        self.writer.committed = self._committed

    def forget(self, who: object) -> None:
        """Call it no more."""
        self._listeners.pop(who, None)
        if not self._listeners:
            self.writer.committed = None

    def _committed(self) -> None:
        for heard in tuple(self._listeners.values()):
            heard()

    async def read(self, caller: Caller, decide: Callable[[Reads], T], *, pages: bool) -> T:
        """Run a reading decision on committed rows; a long one away from the event loop."""
        self._require_open()
        now_ns = self.writer.unit.clock.now_ns()
        return await self.queries.read(caller, now_ns, decide, pages=pages)

    async def audit(self, look: Callable[[Books], T]) -> T:
        """Run what reads whole tables, all of one moment."""
        self._require_open()
        return await self.queries.audit(look)

    async def close(self) -> None:
        """Finish what was begun, then close the store. What waits for another party stays
        pending."""
        self._closing = True
        await self.courier.close()
        await self.queries.close()
        await self.writer.close()

    def _require_open(self) -> None:
        if self._closing or self.writer.closed:
            raise Unavailable("the store is closed; ask again")


class Sandbox(Protocol):
    """A world of its own (SBX-04)."""

    name: str
    rng: Rng
    clock: WorldClock
    timers: Timers
    advancing: asyncio.Lock
    """One advance at a time."""
    authority: Authority
    limiter: Limiter
    chaos: Chaos
    deliveries: Deliveries
    journal: Journal
    parties: Mapping[str, Party]
    """The wallet first."""
    schedule: Schedule
    """When it is reconciled by itself."""

    @property
    def profile(self) -> str:
        """What its wallet does where real ones disagree."""
        ...

    @property
    def elsewhere(self) -> frozenset[str]:
        """Parties that are played by somebody else's system."""
        ...

    @property
    def durable(self) -> bool:
        """True where it survives the end of the process."""
        ...

    @property
    def conditions(self) -> dict[str, Any]:
        """The settings that an answer may depend on, by their names."""
        ...

    def count(self, what: str) -> int:
        """1, 2, 3, …: for what nothing else names; each thing has numbers of its own."""
        ...

    def set_clock(self, setting: ClockSetting) -> None:
        """Go by another clock from now on."""
        ...

    async def keep_clock(self) -> None:
        """Write down what time it is."""
        ...

    async def set_seed(self, seed: int) -> None:
        """Draw everything from now on from another seed."""
        ...

    async def reset(self, seed: int | None) -> None:
        """The world as at its start."""
        ...


class Held(Protocol):
    """A state of a world that is held fast (SBX-04)."""

    @property
    def name(self) -> str:
        """What it is called, in its world."""
        ...

    @property
    def sandbox(self) -> str:
        """Whose it is."""
        ...

    @property
    def at_ns(self) -> int:
        """The world's time then."""
        ...

    @property
    def bytes(self) -> int:
        """What it takes."""
        ...


class Sandboxes(Protocol):
    """All the worlds of a server."""

    def serve_by(self, app: App) -> None:
        """The application that answers for them: their parties reach each other through it."""
        ...

    def get(self, name: str) -> Sandbox:
        """A world by name. Raises NotFound."""
        ...

    def all(self) -> Sequence[Sandbox]:
        """Every world, the default one first."""
        ...

    def begin_ns(self) -> int:
        """The time at which a world begins that was given none."""
        ...

    async def create(
        self, name: str | None, seed: int | None, clock: ClockSetting | None = None
    ) -> Sandbox:
        """A new world in memory. Raises Duplicate, or LimitExceeded when there are too many."""
        ...

    async def drop(self, name: str) -> None:
        """Forget a world. Raises NotFound, or InvalidState for the default one."""
        ...

    async def drop_abandoned(self) -> list[str]:
        """Forget the worlds that nobody has called for long."""
        ...

    def hold(self, name: str, snapshot: str | None) -> Held:
        """Hold a world's state fast. Raises NotFound, InvalidState, Duplicate or LimitExceeded."""
        ...

    def held(self, name: str) -> Sequence[Held]:
        """What is held fast of a world. Raises NotFound."""
        ...

    def let_go_of(self, name: str, snapshot: str) -> None:
        """Forget a state. Raises NotFound."""
        ...

    async def restore(self, name: str, snapshot: str) -> Sandbox:
        """Put a world back to a state of its own. Raises NotFound or InvalidState."""
        ...

    async def fork(
        self, of: str, name: str | None, snapshot: str | None, seed: int | None
    ) -> Sandbox:
        """A new world in memory that goes on from the state of another one.

        Raises NotFound, InvalidState, Duplicate or LimitExceeded.
        """
        ...
