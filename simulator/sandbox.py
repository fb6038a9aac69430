"""Floor 8: one world, built around its stores.

A world is a seed, a clock, credentials and parties, each party with a store of its own (SBX-04).
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from simulator.adapters.inprocess import App
from simulator.adapters.timers import Timers
from simulator.base.clock import NO_RATE, WorldClock, make_clock, stopwatch_ns
from simulator.base.errors import (
    InvalidState,
)
from simulator.base.rng import Rng
from simulator.chaos.chaos import Chaos
from simulator.frame import Frame, configuration
from simulator.server.auth import Authority
from simulator.server.away import Away
from simulator.server.checks import reconcile_all
from simulator.server.clients import CLIENTS, Client
from simulator.server.deliveries import Deliveries
from simulator.server.due import fire_by_itself
from simulator.server.journal import Beginning, Journal
from simulator.server.kind import PartyKind, Setup
from simulator.server.limiter import Limiter
from simulator.server.meter import Measured, Meter
from simulator.server.outgoing import Wires, service_client
from simulator.server.party import Party
from simulator.server.schedule import Schedule
from simulator.server.studio_key import StudioKey
from simulator.server.watch import Watch
from simulator.settings import ClockSetting
from simulator.snapshots import Memory, Snapshot
from simulator.store import facts
from simulator.store.sqlite import Database
from simulator.stores import Stores
from simulator.wallet.profile import load as load_profile
from simulator.wallet.profile import require_same_scope


class World:
    """One sandbox: what `server.party.Sandbox` describes, built."""

    def __init__(
        self,
        name: str,
        frame: Frame,
        stores: Stores,
        clock: WorldClock,
        begins: ClockSetting,
        identity: str | None = None,
    ) -> None:
        self.name = name
        self.identity = identity or name
        """Whose tokens are good here: its own, and those of the world that it was branched from."""
        self.clock = clock
        self._begins = begins
        self.used_ns = stopwatch_ns()
        """When somebody last called it, by the stopwatch."""
        self._frame = frame
        self._counted: Counter[str] = Counter()
        self.timers = Timers(lambda: self.clock, virtual=frame.settings.virtual_time)
        self.schedule = Schedule(
            partial(reconcile_all, self), self.timers.sleep, _ClockOf(self).now_ns
        )
        self.watch = Watch(partial(fire_by_itself, self), lambda: self.clock.rate > 0)
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
            self.identity,
            known,
            Rng(self.first_seed),
            self.clock,
            settings.token_ttl_s,
            body_only=load_profile(settings.profile).signature == "body_only",
            platforms=frame.platform_keys,
        )
        self.authority.players.jwks = frame.jwks
        self.limiter = Limiter(settings.rate_limit_per_s, self.clock)
        prefix = "" if self.name == "default" else f"/s/{self.name}"
        self.chaos = self._new_chaos()
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
        self.deliveries = Deliveries(
            self.chaos,
            self.journal,
            _ClockOf(self),
            lambda: self.rng,
            frame.sleep or self.timers.sleep,
        )
        setup = Setup(
            frame.contracts,
            settings.profile,
            self.authority.players,
            StudioKey(Rng(self.first_seed)),
        )
        self.parties: Mapping[str, Party] = {
            kind.name: self._party(kind, setup, stores, services[kind.name]) for kind in frame.kinds
        }
        self.deliveries.serve(self.parties)
        for party in self.parties.values():
            party.writer.unit.clock = self.clock
            party.writer.unit.rng = self.rng
        if frame.app is not None:
            self._wires.serve_by(frame.app)

    def _party(self, kind: PartyKind, setup: Setup, stores: Stores, service: Client) -> Party:
        kept, wire = stores.kept[kind.name], self._wires.wire(service)
        meter = Meter() if kind.measured else None
        return Party(
            kind,
            kind.services(setup),
            kept.writer,
            kept.queries,
            wire if meter is None else Measured(wire, meter),
            self._frame.sleep or self.timers.sleep,
            kind.dues(setup),
            meter,
        )

    def _new_chaos(self) -> Chaos:
        sleep = self._frame.sleep or self.timers.sleep
        return Chaos(
            self._frame.places,
            _ClockOf(self),
            lambda: self.rng,
            sleep,
            off=not self._frame.settings.chaos,
        )

    @property
    def profile(self) -> str:
        """The name of the profile that its wallet keeps."""
        return self._frame.settings.profile

    @property
    def elsewhere(self) -> frozenset[str]:
        """Parties that are played by somebody else's system."""
        return frozenset(self._frame.settings.targets)

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
            "guarded": settings.admin_token is not None,
        }

    def remembered(self) -> Memory:
        """What it knows besides its rows, at this moment."""
        clock = ClockSetting(self.clock.mode, self.clock.now_ns(), self.clock.rate or NO_RATE)
        chaos = self._new_chaos()
        chaos.adopt(self.chaos)
        return Memory(
            identity=self.identity,
            begins=self._begins,
            clock=clock,
            counted=self._counted.copy(),
            authority=self.authority.remembered(),
            buckets=self.limiter.buckets(),
            tokens=self._wires.tokens(),
            chaos=chaos,
            inboxes=self.deliveries.remembered(),
            journal=self.journal.copy(),
        )

    def take_up(self, known: Memory) -> None:
        """Go on from what it, or another, knew."""
        self._counted = known.counted.copy()
        self.authority.take_up(known.authority)
        self.limiter.take_up(known.buckets)
        if self._frame.app is not None:
            self._wires.take_up(known.tokens)
        self.chaos.adopt(known.chaos)
        self.journal.take_up(known.journal)
        self.deliveries.take_up(known.inboxes)
        self.deliveries.wake()
        for party in self.parties.values():
            party.courier.wake()
        self.watch.settle()

    @property
    def size(self) -> int:
        """How many bytes a copy of its rows takes."""
        return self._stores.size

    def copies(self) -> dict[str, Database]:
        """Its rows of this moment, in memories of their own. Raises InvalidState."""
        return self._stores.copy()

    async def restore(self, snapshot: Snapshot) -> None:
        """The world as it was then: rows, clock, everything it knew. Raises InvalidState for one
        that is kept on disk, where a crash in the middle would leave neither."""
        if self.durable:
            raise InvalidState(
                f"{self.name} is kept on disk; branch the snapshot into a sandbox in memory",
                details={"reason": "durable"},
            )
        async with self._changing:
            await self._end()
            self.journal.end()
            known = snapshot.memory
            self._begins = known.begins
            self.clock = clock_of(known.clock)
            self._assemble(self._frame.take_up(snapshot.databases, self.clock))
            self.take_up(known)

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
        await self._stores.settle(configuration(self._frame.settings, self._begins.mode))
        await self.deliveries.ready()
        for party in self.parties.values():
            party.courier.wake()
        self.watch.settle()

    def begin_anew(self) -> None:
        """Its rows are those of a world that has just been started: its journal begins here."""
        self.journal.begins_here()

    def set_clock(self, setting: ClockSetting) -> None:
        """Go by another clock from now on."""
        clock = self.clock = clock_of(setting)
        if setting.mode != "frozen":
            self.journal.cannot_repeat("its clock ran by itself for a while")
        self.authority.use_clock(clock)
        self.limiter.use_clock(clock)
        for party in self.parties.values():
            party.writer.unit.clock = clock
        self.timers.clock_changed()
        self.watch.settle()

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
            self.clock = clock_of(self._begins)
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
        await self.watch.close()
        await self.schedule.close()
        await self.deliveries.close()
        await self.chaos.waits.close()
        await self._wires.close()
        for party in reversed(list(self.parties.values())):
            await party.close()


def clock_of(setting: ClockSetting) -> WorldClock:
    """A clock as it is set."""
    return make_clock(setting.mode, setting.start_ns, setting.rate)


def _older(stores: Stores) -> str:
    """Why a world has a past that no journal of this process knows; empty for a new one."""
    if stores.lead.shared:
        return "the world is kept in a database that other servers may write to"
    if stores.lead.writer.unit.position > 2:  # 1 is what made the store
        return "the world was played before this server opened it"
    return ""


class _ClockOf:
    """Whatever clock a world goes by at the moment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now_ns(self) -> int:
        return self._world.clock.now_ns()
