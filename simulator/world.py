"""Floor 8, the composition root: builds worlds and hands them to the server."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from simulator.adapters.inprocess import App
from simulator.adapters.sleeper import Sleeper
from simulator.base.clock import NS_PER_S, stopwatch_ns
from simulator.base.errors import (
    Duplicate,
    InvalidState,
    LimitExceeded,
    NotFound,
    PlaymoneyError,
    StoreBroken,
)
from simulator.frame import Frame
from simulator.parties import PARTIES
from simulator.sandbox import World, clock_of
from simulator.server.kind import PartyKind
from simulator.settings import ClockSetting, Settings
from simulator.snapshots import Shelf, Snapshot, Templates
from simulator.store.folder import DataFolder
from simulator.stores import open_in_postgres, open_in_sqlite, take_up
from simulator.wire.contract import Contract
from simulator.wire.files import find

__all__ = ["World", "Worlds", "load_contracts"]


def load_contracts(kinds: Sequence[PartyKind] = PARTIES) -> dict[str, Contract]:
    """Every contract that a server with these parties keeps."""
    names = [name for kind in kinds for name in kind.contracts]
    return {name: _contract(find("openapi", f"{name}.yaml")) for name in (*names, "control")}


@cache
def _contract(path: Path) -> Contract:
    """One of our own files; they do not change while a process runs, and nothing changes what was
    read from them."""
    return Contract(path)


class Worlds:
    """All the worlds of a server: the default one, and those that CI jobs make beside it."""

    def __init__(
        self,
        settings: Settings,
        contracts: Mapping[str, Contract],
        broken: Callable[[StoreBroken], None],
        kinds: Sequence[PartyKind] = PARTIES,
        sleep: Sleeper | None = None,
    ) -> None:
        self._settings = settings
        self._broken = broken
        self._frame = Frame(settings, contracts, kinds, sleep, broken)
        self._folder = DataFolder(settings.data) if settings.data else None
        self._made = 0
        self.snapshots = Shelf()
        self._templates = Templates()
        self._worlds: dict[str, World] = {}
        try:
            if settings.store is None:
                self._worlds["default"] = self._open("default", settings.data, settings.seed)
        except PlaymoneyError:
            if self._folder is not None:
                self._folder.close()
            raise

    def _open(
        self,
        name: str,
        folder: Path | None,
        seed: int | None,
        asked: ClockSetting | None = None,
    ) -> World:
        begins = asked or self._settings.clock
        clock = clock_of(begins)
        stores = open_in_sqlite(self._frame.kinds, folder, seed, clock, self._broken)
        return World(name, self._frame, stores, clock, begins)

    def serve_by(self, app: App) -> None:
        """The application that answers for every world, those to come included."""
        self._frame.app = app
        for world in self.all():
            world.serve_by(app)

    async def start(self) -> None:
        """Make the default world ready. Raises ConfigError for a database that cannot be had, and
        for settings that a world cannot go on with."""
        settings = self._settings
        if settings.store is not None:
            clock = clock_of(settings.clock)
            stores = await open_in_postgres(self._frame.kinds, settings.store, settings.seed, clock)
            self._worlds["default"] = World("default", self._frame, stores, clock, settings.clock)
        if self._frame.jwks is not None:
            await self._frame.jwks.fetch()
        try:
            await self._worlds["default"].start()
        except PlaymoneyError:
            await self.close()
            raise

    def get(self, name: str) -> World:
        """A world by name. Raises NotFound."""
        world = self._worlds.get(name)
        if world is None:
            raise NotFound(f"there is no sandbox {name[:80]}", details={"sandbox": name[:80]})
        world.used_ns = stopwatch_ns()
        return world

    def all(self) -> list[World]:
        """Every world, the default one first."""
        return list(self._worlds.values())

    def begin_ns(self) -> int:
        """The time at which a world begins that was given none."""
        return clock_of(self._settings.clock).now_ns()

    async def create(
        self, name: str | None, seed: int | None, clock: ClockSetting | None = None
    ) -> World:
        """A new world in memory."""
        name = await self._free(name)
        begins = clock or self._settings.clock
        key = (seed, begins.mode, 0 if begins.mode == "wall" else begins.start_ns)
        template = self._templates.get(key)
        if template is None:
            world = self._open(name, None, seed, clock)
            self._worlds[name] = world
            await world.start()
            self._templates.keep(key, world.copies())
            return world
        at = clock_of(begins)
        stores = self._frame.take_up(template, at)
        world = self._worlds[name] = World(name, self._frame, stores, at, begins)
        world.begin_anew()
        return world

    async def drop(self, name: str) -> None:
        """Forget a world."""
        world = self.get(name)
        if name == "default":
            raise InvalidState(
                "the default sandbox cannot be dropped; POST /__admin/reset makes it new",
                details={"reason": "default_sandbox"},
            )
        del self._worlds[name]
        self.snapshots.drop_all(name)
        await world.close()

    # States ---------------------------------------------------------------------------------------

    def hold(self, name: str, snapshot: str | None) -> Snapshot:
        """Hold the state of a world fast. Raises NotFound, InvalidState, Duplicate or
        LimitExceeded."""
        world = self.get(name)
        named = self.snapshots.room(name, snapshot, world.size)
        held = Snapshot(
            name=named,
            sandbox=name,
            at_ns=world.clock.now_ns(),
            bytes=world.size,
            databases=world.copies(),
            memory=world.remembered(),
        )
        return self.snapshots.put(held)

    def held(self, name: str) -> list[Snapshot]:
        """What is held fast of a world. Raises NotFound."""
        self.get(name)
        return self.snapshots.of(name)

    def let_go_of(self, name: str, snapshot: str) -> None:
        """Forget a state. Raises NotFound."""
        self.get(name)
        self.snapshots.drop(name, snapshot)

    async def restore(self, name: str, snapshot: str) -> World:
        """Put a world back to a state of its own."""
        world = self.get(name)
        await world.restore(self.snapshots.get(name, snapshot))
        return world

    async def fork(
        self, of: str, name: str | None, snapshot: str | None, seed: int | None
    ) -> World:
        """A new world in memory that goes on from the state of another one: its present one, or a
        snapshot. With a seed, what is drawn from then on is drawn from that."""
        parent = self.get(of)
        named = await self._free(name)
        if snapshot is None:
            copies, known = parent.copies(), parent.remembered()
            clock = clock_of(known.clock)
            stores = take_up(self._frame.kinds, copies, clock, self._broken)
        else:
            held = self.snapshots.get(of, snapshot)
            known = held.memory
            clock = clock_of(known.clock)
            stores = self._frame.take_up(held.databases, clock)
        world = World(named, self._frame, stores, clock, known.begins, known.identity)
        world.take_up(known)
        if snapshot is None:
            known.journal.end()
        world.journal.cannot_repeat(f"the sandbox was branched from {of}")
        self._worlds[named] = world
        if seed is not None:
            await world.set_seed(seed)
        return world

    async def _free(self, name: str | None) -> str:
        """A name for one more world. Raises Duplicate, or LimitExceeded if there are too many."""
        await self.drop_abandoned()
        if len(self._worlds) >= self._settings.max_sandboxes:
            raise LimitExceeded(
                f"there are {len(self._worlds)} sandboxes already; drop some",
                details={"max_sandboxes": self._settings.max_sandboxes},
            )
        name = name or self._next_name()
        if name in self._worlds:
            raise Duplicate(f"sandbox {name} exists already", details={"sandbox": name})
        return name

    async def drop_abandoned(self) -> list[str]:
        """Forget the worlds that nobody has called for long; the default one stays."""
        limit_ns = self._settings.idle_s * NS_PER_S
        now_ns = stopwatch_ns()
        gone = [
            name
            for name, world in self._worlds.items()
            if limit_ns and name != "default" and now_ns - world.used_ns > limit_ns
        ]
        for name in gone:
            await self.drop(name)
        return gone

    async def close(self) -> None:
        """Finish everything and let the data folder go."""
        for world in self.all():
            self.snapshots.drop_all(world.name)
            await world.close()
        self._templates.close()
        if self._frame.jwks is not None:
            await self._frame.jwks.close()
        if self._folder is not None:
            self._folder.close()

    def let_go(self) -> None:
        """Nothing is held on purpose any more: the server stops."""
        for world in self.all():
            world.chaos.waits.let_go()

    def _next_name(self) -> str:
        while True:
            self._made += 1
            name = f"sb-{self._made}"
            if name not in self._worlds:
                return name
