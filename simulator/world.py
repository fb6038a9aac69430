"""Floor 8, the composition root: builds worlds and hands them to the server.

A world is a seed, a clock, credentials and parties, each party with a store of its own (SBX-04).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator import __version__
from simulator.adapters.inprocess import App
from simulator.adapters.sleeper import Sleeper
from simulator.adapters.timers import Timers
from simulator.base.clock import WorldClock, make_clock
from simulator.base.errors import (
    Duplicate,
    InvalidState,
    LimitExceeded,
    NotFound,
    PlaymoneyError,
    StoreBroken,
)
from simulator.base.rng import Rng
from simulator.chaos.chaos import Chaos
from simulator.chaos.fault import Place
from simulator.parties import PARTIES
from simulator.server.auth import Authority
from simulator.server.away import Away
from simulator.server.clients import CLIENTS
from simulator.server.journal import Beginning, Journal, Room
from simulator.server.kind import PartyKind, Setup
from simulator.server.limiter import Limiter
from simulator.server.outgoing import Wires, service_client
from simulator.server.party import Party
from simulator.server.studio_key import StudioKey
from simulator.settings import ClockSetting, Settings, Target, unknown
from simulator.store import facts
from simulator.store.folder import DataFolder
from simulator.stores import Stores, open_in_postgres, open_in_sqlite
from simulator.wallet.profile import require_same_scope
from simulator.wire.contract import Contract
from simulator.wire.files import find


def load_contracts(kinds: Sequence[PartyKind] = PARTIES) -> dict[str, Contract]:
    """Every contract that a server with these parties keeps."""
    names = [name for kind in kinds for name in kind.contracts]
    return {name: Contract(find("openapi", f"{name}.yaml")) for name in (*names, "control")}


class World:
    """One sandbox: what `server.party.Sandbox` describes, built."""

    def __init__(
        self,
        name: str,
        frame: "Frame",
        stores: Stores,
        clock: WorldClock,
        begins: ClockSetting,
    ) -> None:
        self.name = name
        self.clock = clock
        self._begins = begins
        self._frame = frame
        self._counted: Counter[str] = Counter()
        self.timers = Timers(lambda: self.clock, virtual=frame.settings.virtual_time)
        self.advancing = asyncio.Lock()
        self._changing = asyncio.Lock()  # one reset, one end at a time
        if stores.last_ns > clock.now_ns():
            # Time never runs backwards over a restart: what had expired stays so (WAL-14).
            clock.advance(stores.last_ns - clock.now_ns())
        self._assemble(stores)

    def _assemble(self, stores: Stores) -> None:
        """Everything that hangs on the seed, around open stores."""
        frame, settings = self._frame, self._frame.settings
        self._stores = stores
        self.left_out: Mapping[str, str] = {
            contract: stores.left_out[kind.name]
            for kind in frame.kinds
            if kind.name in stores.left_out
            for contract in kind.contracts
        }
        self.first_seed = stores.origin.seed
        self.journal = Journal(
            Beginning(self.first_seed, self._begins, old=_older(stores)),
            frame.room,
            settings.journal,
        )
        self.rng = Rng(stores.seed)
        services = {name: service_client(name, frame.scopes) for name in stores.kept}
        known = {**CLIENTS, **{client.client_id: client for client in services.values()}}
        self.authority = Authority(
            self.name, known, Rng(self.first_seed), self.clock, settings.token_ttl_s
        )
        self.limiter = Limiter(settings.rate_limit_per_s, self.clock)
        prefix = "" if self.name == "default" else f"/s/{self.name}"
        sleep = frame.sleep or self.timers.sleep
        self.chaos = Chaos(frame.places, _ClockOf(self), lambda: self.rng, sleep)
        self._wires = Wires(
            prefix,
            tuple(stores.kept),
            settings.targets,
            _ClockOf(self),
            self.journal,
            Away(
                self.chaos, {k.name: [frame.contracts[n] for n in k.contracts] for k in frame.kinds}
            ),
        )
        setup = Setup(
            frame.contracts,
            settings.profile,
            self.authority.players,
            StudioKey(Rng(self.first_seed)),
        )
        self.parties: Mapping[str, Party] = {
            kind.name: Party(
                kind,
                kind.services(setup),
                stores.kept[kind.name].writer,
                stores.kept[kind.name].queries,
                self._wires.wire(services[kind.name]),
                sleep,
                kind.dues(setup),
            )
            for kind in frame.kinds
            if kind.name in stores.kept
        }
        for party in self.parties.values():
            party.writer.unit.clock = self.clock
            party.writer.unit.rng = self.rng
        if frame.app is not None:
            self._wires.serve_by(frame.app)

    @property
    def profile(self) -> str:
        """The name of the profile that its wallet keeps."""
        return self._frame.settings.profile

    @property
    def durable(self) -> bool:
        """True where it survives the end of the process."""
        return self._stores.lead.durable

    @property
    def conditions(self) -> dict[str, Any]:
        """The settings that an answer may depend on, by their names."""
        settings = self._frame.settings
        return {
            "profile": settings.profile,
            "strict": settings.strict,
            "token_ttl_s": settings.token_ttl_s,
            "rate_limit_per_s": settings.rate_limit_per_s,
        }

    def count(self, what: str) -> int:
        """1, 2, 3, …: for what nothing else names; each thing has numbers of its own."""
        self._counted[what] += 1
        return self._counted[what]

    def serve_by(self, app: App) -> None:
        """Its parties reach each other through this application."""
        self._wires.serve_by(app)

    async def start(self) -> None:
        """Put the test world into new stores, or take up what old ones had begun.

        Raises ConfigError for settings that an old one cannot go on with.
        """
        require_same_scope(self._stores.lead.fact("setting.profile"), self.profile)
        for party in self.parties.values():
            for populate in party.kind.populate:
                await party.writer.submit(populate)
        await self._stores.settle(_configuration(self._frame.settings, self._begins.mode))
        for party in self.parties.values():
            party.courier.wake()

    def set_clock(self, setting: ClockSetting) -> None:
        """Go by another clock from now on."""
        clock = self.clock = _make_clock(setting)
        if setting.mode != "frozen":
            self.journal.cannot_repeat("its clock ran by itself for a while")
        self.authority.use_clock(clock)
        self.limiter.use_clock(clock)
        for party in self.parties.values():
            party.writer.unit.clock = clock
        self.timers.clock_changed()

    async def keep_clock(self) -> None:
        """Write down what time it is: a world that is opened again goes on from there."""
        await self._stores.note(facts.SetClock(facts={"clock": self.clock.mode}))

    async def set_seed(self, seed: int) -> None:
        """Draw everything from now on from another seed. Tokens given out stay good."""
        async with self._changing:
            await self._stores.note(facts.SetSeed(facts={"seed": str(seed)}))
            self.rng = Rng(seed)
            for party in self.parties.values():
                party.writer.unit.rng = self.rng

    async def reset(self, seed: int | None) -> None:
        """The world as at its start: the same players and money, nothing played, a fresh clock."""
        async with self._changing:
            await self._end()
            self._counted.clear()
            self.clock = _make_clock(self._begins)
            first_seed = self.first_seed if seed is None else seed
            self.journal.end()
            self._assemble(await self._stores.anew(first_seed, self.clock))
            await self.start()

    async def close(self) -> None:
        """Finish what was begun."""
        async with self._changing:
            await self._end()
            self.journal.end()

    async def _end(self) -> None:
        """Nobody calls anybody any more; then each store is closed, the leading one last."""
        await self.chaos.waits.close()
        await self._wires.close()
        for party in reversed(list(self.parties.values())):
            await party.close()


class Frame:
    """What all the worlds of a server have in common. Raises ConfigError for a target that is no
    party."""

    def __init__(
        self,
        settings: Settings,
        contracts: Mapping[str, Contract],
        kinds: Sequence[PartyKind],
        sleep: Sleeper | None,
    ) -> None:
        self.settings = settings
        self.contracts = contracts
        self.kinds = kinds
        self.sleep = sleep
        self.app: App | None = None
        self.room = Room()
        own = [contracts[name] for kind in kinds for name in kind.contracts]
        operations = [one for contract in own for one in contract.operations.values()]
        self.scopes = frozenset(one.scope for one in operations if one.scope is not None)
        self.places = _places(kinds, contracts, settings.targets)
        for name in settings.targets:
            if name not in (names := [kind.name for kind in kinds]):
                raise unknown("--target", name, names, "which are the parties of a world")


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
        self._frame = Frame(settings, contracts, kinds, sleep)
        self._folder = DataFolder(settings.data) if settings.data else None
        self._made = 0
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
        clock = _make_clock(begins)
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
            clock = _make_clock(settings.clock)
            stores = await open_in_postgres(self._frame.kinds, settings.store, settings.seed, clock)
            self._worlds["default"] = World("default", self._frame, stores, clock, settings.clock)
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
        return world

    def all(self) -> list[World]:
        """Every world, the default one first."""
        return list(self._worlds.values())

    def begin_ns(self) -> int:
        """The time at which a world begins that was given none."""
        return _make_clock(self._settings.clock).now_ns()

    async def create(
        self, name: str | None, seed: int | None, clock: ClockSetting | None = None
    ) -> World:
        """A new world in memory."""
        if len(self._worlds) >= self._settings.max_sandboxes:
            raise LimitExceeded(
                f"there are {len(self._worlds)} sandboxes already; drop some",
                details={"max_sandboxes": self._settings.max_sandboxes},
            )
        name = name or self._next_name()
        if name in self._worlds:
            raise Duplicate(f"sandbox {name} exists already", details={"sandbox": name})
        world = self._open(name, None, seed, clock)
        self._worlds[name] = world
        await world.start()
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
        await world.close()

    async def close(self) -> None:
        """Finish everything and let the data folder go."""
        for world in self.all():
            await world.close()
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


def _make_clock(setting: ClockSetting) -> WorldClock:
    return make_clock(setting.mode, setting.start_ns, setting.rate)


def _places(
    kinds: Sequence[PartyKind], contracts: Mapping[str, Contract], targets: Mapping[str, Target]
) -> list[Place]:
    """Where chaos may strike: each operation at our doors, and on our way to each target."""
    return [
        Place(side, kind.name, operation.operation_id, operation.writes)
        for kind in kinds
        for name in kind.contracts
        for operation in contracts[name].operations.values()
        for side in (("incoming", "outgoing") if kind.name in targets else ("incoming",))
    ]


def _older(stores: Stores) -> str:
    """Why a world has a past that no journal of this process knows; empty for a new one."""
    if stores.left_out:
        return "the world is kept in a database that other servers may write to"
    if stores.lead.writer.unit.position > 2:  # 1 is what made the store
        return "the world was played before this server opened it"
    return ""


def _configuration(settings: Settings, clock: str) -> dict[str, str]:
    """What a start may change in how a world decides: facts, so that a change of it is audited."""
    return {
        "playmoney": __version__,
        "setting.clock": clock,
        "setting.profile": settings.profile,
        "setting.rate_limit_per_s": str(settings.rate_limit_per_s),
        "setting.strict": str(settings.strict),
        "setting.token_ttl_s": str(settings.token_ttl_s),
    }


class _ClockOf:
    """Whatever clock a world goes by at the moment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now_ns(self) -> int:
        return self._world.clock.now_ns()
