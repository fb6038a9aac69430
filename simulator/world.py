"""Floor 8, the composition root: builds worlds and hands them to the server.

A world is a seed, a clock, credentials and parties, each party with a store of its own (SBX-04).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path

from simulator import __version__
from simulator.adapters.transport import NotSent
from simulator.base.clock import Clock, SimClock, WallClock
from simulator.base.errors import (
    ConfigError,
    Duplicate,
    InvalidState,
    LimitExceeded,
    NotFound,
    PlaymoneyError,
    StoreBroken,
)
from simulator.base.rng import Rng
from simulator.server.auth import Authority
from simulator.server.clients import BRANDS, CLIENTS
from simulator.server.control import as_owner, owner
from simulator.server.limiter import Limiter
from simulator.server.party import Party
from simulator.server.routes import Service
from simulator.settings import DEFAULT_SEED, ClockSetting, Settings
from simulator.store import facts
from simulator.store.folder import DataFolder
from simulator.store.rows import Op
from simulator.store.sqlite import Database
from simulator.store.unit import Unit
from simulator.store.writer import Writer
from simulator.wallet import players
from simulator.wallet.operations import OPERATIONS, ROWS, wallet_flows, wallet_operations
from simulator.wallet.profile import load as load_profile
from simulator.wallet.rows import Player
from simulator.wire.amounts import FORMATS
from simulator.wire.calls import Call, Reply
from simulator.wire.contract import Contract
from simulator.wire.files import find
from simulator.wire.messages import Money

CONTRACTS = ("platform", "wallet", "control")

_SCHEMAS = ("store/schema.sql", "ledger/schema.sql", "wallet/schema.sql")
_PACKAGE = Path(__file__).resolve().parent

# docs/test-world.md shows this table; a test compares the two.
PLAYERS: tuple[tuple[str, str, str, str, str, str, bool], ...] = (
    # brand, player, country, name, city, cash, self-excluded
    ("brand-42", "p_19f3", "DE", "Mara Lindqvist", "Kiel", "1000.00 EUR", False),
    ("brand-42", "p_usd", "IE", "Owen Tully", "Cork", "1000.00 USD", False),
    ("brand-42", "p_jpy", "NL", "Saskia de Wit", "Delft", "100000 JPY", False),
    ("brand-42", "p_kwd", "FR", "Noor Haddad", "Lyon", "1000.000 KWD", False),
    ("brand-42", "p_poor", "ES", "Iker Ruano", "Vigo", "1.00 EUR", False),
    ("brand-42", "p_excluded", "SE", "Elin Sjöstad", "Lund", "1000.00 EUR", True),
    ("brand-7", "p_uk", "GB", "Ada Fenwick", "Hull", "1000.00 GBP", False),
)
"""The well-known test world. Nobody in it is real."""


def load_contracts() -> dict[str, Contract]:
    """Every contract that this server keeps."""
    return {name: Contract(find("openapi", f"{name}.yaml")) for name in CONTRACTS}


class World:
    """One sandbox: what `server.party.Sandbox` describes, built."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        contracts: Mapping[str, Contract],
        *,
        seed: int | None = None,
        folder: Path | None = None,
        broken: Callable[[StoreBroken], None],
    ) -> None:
        self.name = name
        self._settings = settings
        self._contracts = contracts
        self._profile = load_profile(settings.profile)
        self._folder = folder
        self._broken = broken
        self._counted: Counter[str] = Counter()
        self._changing = asyncio.Lock()  # one reset, one end at a time
        self.clock: WallClock | SimClock = _make_clock(settings.clock)
        database = Database(folder / "wallet.db" if folder else None, _read_schemas(), ROWS)
        self._made_with = _seed_of(database, seed, folder, self.clock)
        self.first_seed = int(database.fact("first_seed") or self._made_with)
        _go_on(self.clock, database)
        self._assemble(database)

    def _assemble(self, database: Database) -> None:
        """Everything that hangs on the seed, around an open store."""
        self.rng = Rng(int(database.fact("seed") or self.first_seed))
        self.authority = Authority(
            self.name, CLIENTS, Rng(self.first_seed), self.clock, self._settings.token_ttl_s
        )
        self.limiter = Limiter(self._settings.rate_limit_per_s, self.clock)
        unit = Unit(database, ROWS, self.clock)
        unit.rng = self.rng
        writer = Writer(unit, self._broken)
        profile = self._profile
        services = (
            Service(self._contracts["platform"], OPERATIONS),
            Service(
                self._contracts["wallet"],
                wallet_operations(profile),
                wallet_flows(profile),
                FORMATS[profile.money_format],
            ),
        )
        wallet = Party("wallet", services, writer, _Nobody())
        self.parties: Mapping[str, Party] = {"wallet": wallet}

    @property
    def profile(self) -> str:
        """The name of the profile that its wallet keeps."""
        return self._profile.name

    @property
    def durable(self) -> bool:
        """True where it survives the end of the process."""
        return self._folder is not None

    def count(self, what: str) -> int:
        """1, 2, 3, …: for what nothing else names; each thing has numbers of its own."""
        self._counted[what] += 1
        return self._counted[what]

    async def start(self) -> None:
        """Put the test world into a new store, or take up what an old one had begun."""
        wallet = self.parties["wallet"]
        unit = wallet.writer.unit
        if unit.database.last(Player) == 0:
            await wallet.writer.submit(_populate)
        configuration = _configuration(self._settings)
        if any(unit.database.fact(name) != value for name, value in configuration.items()):
            await wallet.writer.submit(partial(_note, ask=facts.Configure(facts=configuration)))
        wallet.courier.wake()

    def set_clock(self, mode: str, now_ns: int | None) -> None:
        """Let the clock run, or freeze it where it stands or at an instant."""
        start_ns = self.clock.now_ns() if now_ns is None else now_ns
        self._use_clock(WallClock() if mode == "wall" else SimClock(start_ns))

    async def keep_clock(self) -> None:
        """Write down what time it is: a world that is opened again goes on from there."""
        ask = facts.SetClock(facts={"clock": self.clock.mode})
        await self.parties["wallet"].writer.submit(partial(_note, ask=ask))

    async def set_seed(self, seed: int) -> None:
        """Draw everything from now on from another seed. Tokens given out stay good."""
        async with self._changing:
            writer = self.parties["wallet"].writer
            await writer.submit(partial(_note, ask=facts.SetSeed(facts={"seed": str(seed)})))
            self.rng = writer.unit.rng = Rng(seed)

    async def reset(self, seed: int | None) -> None:
        """The world as at its start: the same players and money, nothing played, a fresh clock."""
        async with self._changing:
            wallet = self.parties["wallet"]
            await wallet.close()
            self.first_seed = self.first_seed if seed is None else seed
            self._counted.clear()
            self.clock = _make_clock(self._settings.clock)
            old = wallet.writer.unit.database.path
            if old is None:  # there is no folder whose seed it would have to keep
                self._made_with = self.first_seed
            database = _make_anew(old, self._made_with, self.first_seed, self.clock)
            self._assemble(database)
            await self.start()

    async def close(self) -> None:
        """Finish what was begun."""
        async with self._changing:
            for party in self.parties.values():
                await party.close()

    def _use_clock(self, clock: WallClock | SimClock) -> None:
        self.clock = clock
        self.authority.use_clock(clock)
        self.limiter.use_clock(clock)
        for party in self.parties.values():
            party.writer.unit.clock = clock


class Worlds:
    """All the worlds of a server: the default one, and those that CI jobs make beside it."""

    def __init__(
        self,
        settings: Settings,
        contracts: Mapping[str, Contract],
        broken: Callable[[StoreBroken], None],
    ) -> None:
        self._settings = settings
        self._contracts = contracts
        self._broken = broken
        self._folder = DataFolder(settings.data) if settings.data else None
        self._made = 0
        try:
            default = World(
                "default",
                settings,
                contracts,
                seed=settings.seed,
                folder=settings.data,
                broken=broken,
            )
        except PlaymoneyError:
            if self._folder is not None:
                self._folder.close()
            raise
        self._worlds = {"default": default}

    async def start(self) -> None:
        """Make the default world ready."""
        await self._worlds["default"].start()

    def get(self, name: str) -> World:
        """A world by name. Raises NotFound."""
        world = self._worlds.get(name)
        if world is None:
            raise NotFound(f"there is no sandbox {name[:80]}", details={"sandbox": name[:80]})
        return world

    def all(self) -> list[World]:
        """Every world, the default one first."""
        return list(self._worlds.values())

    async def create(self, name: str | None, seed: int | None) -> World:
        """A new world in memory."""
        if len(self._worlds) >= self._settings.max_sandboxes:
            raise LimitExceeded(
                f"there are {len(self._worlds)} sandboxes already; drop some",
                details={"max_sandboxes": self._settings.max_sandboxes},
            )
        name = name or self._next_name()
        if name in self._worlds:
            raise Duplicate(f"sandbox {name} exists already", details={"sandbox": name})
        world = World(name, self._settings, self._contracts, seed=seed, broken=self._broken)
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

    def _next_name(self) -> str:
        while True:
            self._made += 1
            name = f"sb-{self._made}"
            if name not in self._worlds:
                return name


def _populate(unit: Unit) -> None:
    """The well-known players with their money, as operations like any other."""
    for brand_id, player_id, country, name, city, money, excluded in PLAYERS:
        amount, currency = money.split()
        message = players.RegisterPlayer(
            player_id=player_id,
            country=country,
            name=name,
            city=city,
            cash=Money(Decimal(amount), currency),
            self_excluded=excluded,
        )
        caller = owner(BRANDS[brand_id], "tr_world")
        as_owner(unit, caller=caller, decide=players.register_player, message=message)


def _make_clock(setting: ClockSetting) -> WallClock | SimClock:
    return WallClock() if setting.mode == "wall" else SimClock(setting.start_ns)


def _read_schemas() -> list[str]:
    return [_PACKAGE.joinpath(name).read_text() for name in _SCHEMAS]


def _go_on(clock: WallClock | SimClock, database: Database) -> None:
    """Time never runs backwards over a restart: what had expired stays so (WAL-14)."""
    last = database.fetch_at(database.writer, Op, database.last(Op))
    if last is not None and last.at_ns > clock.now_ns():
        clock.advance(last.at_ns - clock.now_ns())


def _make_anew(path: Path | None, made_with: int, seed: int, clock: Clock) -> Database:
    """An empty store in the place of another. A crash meanwhile leaves the old one or the new."""
    if path is None:
        database = Database(None, _read_schemas(), ROWS)
        _sow(database, made_with, seed, clock)
        return database
    beside = path.with_name(f"{path.name}.new")
    for suffix in ("", "-wal", "-shm"):
        beside.with_name(beside.name + suffix).unlink(missing_ok=True)
    made = Database(beside, _read_schemas(), ROWS)
    _sow(made, made_with, seed, clock)
    made.close()  # folds its log back into the one file
    beside.replace(path)
    return Database(path, _read_schemas(), ROWS)


def _sow(database: Database, made_with: int, seed: int, clock: Clock) -> None:
    """The first operation of a new store: the seed that names its folder, and the one it plays."""
    unit = Unit(database, ROWS, clock)
    database.begin()
    seeds = {"made_with": str(made_with), "first_seed": str(seed), "seed": str(seed)}
    _note(unit, facts.MakeWorld(facts=seeds))
    unit.spill()
    database.commit()


def _note(unit: Unit, ask: facts.SetFacts) -> None:
    caller = owner(next(iter(BRANDS.values())), "tr_world")
    as_owner(unit, caller=caller, decide=facts.set_facts, message=ask)


def _configuration(settings: Settings) -> dict[str, str]:
    """What a start may change in how a world decides: facts, so that a change of it is audited."""
    return {
        "playmoney": __version__,
        "setting.clock": settings.clock.mode,
        "setting.profile": settings.profile,
        "setting.rate_limit_per_s": str(settings.rate_limit_per_s),
        "setting.strict": str(settings.strict),
        "setting.token_ttl_s": str(settings.token_ttl_s),
    }


def _seed_of(database: Database, wanted: int | None, folder: Path | None, clock: Clock) -> int:
    """The seed that the store was made with, or the wanted one if it is new; a reset with another
    seed does not change it. Raises ConfigError if they differ."""
    kept = database.fact("made_with")
    if kept is None:
        seed = DEFAULT_SEED if wanted is None else wanted
        _sow(database, seed, seed, clock)
        return seed
    if wanted is not None and wanted != int(kept):
        database.close()
        raise ConfigError(
            f"--seed {wanted}: the world in {folder} was made with seed {kept}; "
            "leave --seed out, or name another --data folder"
        )
    return int(kept)


class _Nobody:
    """The way to other parties where there is none."""

    async def send(self, call: Call) -> Reply:
        raise NotSent(f"there is no party {call.to!r} to call")
