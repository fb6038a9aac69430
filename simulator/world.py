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
from simulator.base.clock import SimClock, WallClock
from simulator.base.errors import (
    Duplicate,
    InvalidState,
    LimitExceeded,
    NotFound,
    PlaymoneyError,
    StoreBroken,
)
from simulator.base.rng import Rng
from simulator.kept import Kept, keep_in_postgres, keep_in_sqlite, note
from simulator.server.auth import Authority
from simulator.server.clients import BRANDS, CLIENTS
from simulator.server.control import as_owner, owner
from simulator.server.limiter import Limiter
from simulator.server.party import Party
from simulator.server.routes import Service
from simulator.settings import DEFAULT_SEED, ClockSetting, Settings
from simulator.store import facts
from simulator.store.folder import DataFolder
from simulator.store.unit import Unit
from simulator.wallet import players
from simulator.wallet.operations import (
    platform_operations,
    wallet_flows,
    wallet_operations,
)
from simulator.wallet.profile import load as load_profile
from simulator.wallet.rows import Player
from simulator.wire.amounts import FORMATS
from simulator.wire.calls import Call, Reply
from simulator.wire.contract import Contract
from simulator.wire.files import find
from simulator.wire.messages import Money

CONTRACTS = ("platform", "wallet", "control")

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
        kept: Kept | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._contracts = contracts
        self._profile = load_profile(settings.profile)
        self._counted: Counter[str] = Counter()
        self._changing = asyncio.Lock()  # one reset, one end at a time
        self.clock: WallClock | SimClock = _make_clock(settings.clock)
        kept = kept or keep_in_sqlite(folder, seed, self.clock, broken)
        if kept.last_ns > self.clock.now_ns():
            # Time never runs backwards over a restart: what had expired stays so (WAL-14).
            self.clock.advance(kept.last_ns - self.clock.now_ns())
        self._assemble(kept)

    def _assemble(self, kept: Kept) -> None:
        """Everything that hangs on the seed, around an open store."""
        self._kept = kept
        self.first_seed = int(kept.fact("first_seed") or kept.fact("made_with") or DEFAULT_SEED)
        self.rng = Rng(int(kept.fact("seed") or self.first_seed))
        self.authority = Authority(
            self.name, CLIENTS, Rng(self.first_seed), self.clock, self._settings.token_ttl_s
        )
        self.limiter = Limiter(self._settings.rate_limit_per_s, self.clock)
        kept.writer.unit.clock = self.clock
        kept.writer.unit.rng = self.rng
        profile = self._profile
        services = (
            Service(self._contracts["platform"], platform_operations(profile)),
            Service(
                self._contracts["wallet"],
                wallet_operations(profile),
                wallet_flows(profile),
                FORMATS[profile.money_format],
            ),
        )
        wallet = Party("wallet", services, kept.writer, kept.queries, _Nobody())
        self.parties: Mapping[str, Party] = {"wallet": wallet}

    @property
    def profile(self) -> str:
        """The name of the profile that its wallet keeps."""
        return self._profile.name

    @property
    def durable(self) -> bool:
        """True where it survives the end of the process."""
        return self._kept.durable

    def count(self, what: str) -> int:
        """1, 2, 3, …: for what nothing else names; each thing has numbers of its own."""
        self._counted[what] += 1
        return self._counted[what]

    async def start(self) -> None:
        """Put the test world into a new store, or take up what an old one had begun."""
        wallet = self.parties["wallet"]
        await wallet.writer.submit(_populate)
        configuration = _configuration(self._settings)
        if any(self._kept.fact(name) != value for name, value in configuration.items()):
            await wallet.writer.submit(partial(note, ask=facts.Configure(facts=configuration)))
        wallet.courier.wake()

    def set_clock(self, mode: str, now_ns: int | None) -> None:
        """Let the clock run, or freeze it where it stands or at an instant."""
        start_ns = self.clock.now_ns() if now_ns is None else now_ns
        self._use_clock(WallClock() if mode == "wall" else SimClock(start_ns))

    async def keep_clock(self) -> None:
        """Write down what time it is: a world that is opened again goes on from there."""
        ask = facts.SetClock(facts={"clock": self.clock.mode})
        await self.parties["wallet"].writer.submit(partial(note, ask=ask))

    async def set_seed(self, seed: int) -> None:
        """Draw everything from now on from another seed. Tokens given out stay good."""
        async with self._changing:
            writer = self.parties["wallet"].writer
            await writer.submit(partial(note, ask=facts.SetSeed(facts={"seed": str(seed)})))
            self.rng = writer.unit.rng = Rng(seed)

    async def reset(self, seed: int | None) -> None:
        """The world as at its start: the same players and money, nothing played, a fresh clock."""
        async with self._changing:
            wallet = self.parties["wallet"]
            await wallet.close()
            self._counted.clear()
            self.clock = _make_clock(self._settings.clock)
            first_seed = self.first_seed if seed is None else seed
            self._assemble(await self._kept.anew(first_seed, self.clock))
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
        self._worlds: dict[str, World] = {}
        try:
            if settings.store is None:
                self._make_default(None)
        except PlaymoneyError:
            if self._folder is not None:
                self._folder.close()
            raise

    def _make_default(self, kept: Kept | None) -> None:
        self._worlds["default"] = World(
            "default",
            self._settings,
            self._contracts,
            seed=self._settings.seed,
            folder=self._settings.data,
            broken=self._broken,
            kept=kept,
        )

    async def start(self) -> None:
        """Make the default world ready. Raises ConfigError for a database that cannot be had."""
        if self._settings.store is not None:
            clock = _make_clock(self._settings.clock)
            self._make_default(
                await keep_in_postgres(self._settings.store, self._settings.seed, clock)
            )
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
    """The well-known players with their money, as operations like any other, in a new store."""
    brand_id, player_id, *_ = PLAYERS[0]
    if unit.get(Player, (BRANDS[brand_id].tenant, player_id)) is not None:
        return
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


class _Nobody:
    """The way to other parties where there is none."""

    async def send(self, call: Call) -> Reply:
        raise NotSent(f"there is no party {call.to!r} to call")
