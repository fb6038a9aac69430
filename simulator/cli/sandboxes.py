"""Where scenarios are played: worlds in memory under virtual time, or ours beside parties behind
URLs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from simulator.adapters.http import HttpTransport
from simulator.adapters.inprocess import App as Application
from simulator.adapters.inprocess import InProcessTransport
from simulator.adapters.transport import Transport, TransportError
from simulator.base.clock import NS_PER_MS, NS_PER_S, Clock, SimClock, iso, stopwatch_ns
from simulator.base.errors import ConfigError, StoreBroken
from simulator.parties import PARTIES
from simulator.scenarios.document import Scenario
from simulator.scenarios.host import Identity
from simulator.scenarios.values import duration_ns
from simulator.scenarios.virtual import VirtualLoop
from simulator.server import due
from simulator.server.app import App
from simulator.server.away import Away
from simulator.server.clients import CLIENTS
from simulator.server.documents import documents
from simulator.server.journal_wire import JournalledTransport
from simulator.settings import ClockSetting, Settings, Target
from simulator.wire import json
from simulator.wire.calls import Call
from simulator.wire.contract import Contract
from simulator.world import World, Worlds

NAME = "scenario"
"""The sandbox that is made for a scenario and dropped after it."""

KEEP = 100_000
"""Exchanges that the journal of a scenario keeps."""

IDENTITIES = {
    client.client_id: Identity(
        client.client_id,
        client.secret,
        client.signing_key,
        client.provider,
        brand.brand_id,
        brand.region,
    )
    for client in CLIENTS.values()
    for brand in client.brands.values()
}

_TURNS = 200
"""Turns of the loop: a whole round between three parties takes 60."""

Around = Callable[[Application], Application]
"""Puts something between callers and the server: a test's broken party."""


def _as_it_is(app: Application) -> Application:
    return app


class Sandboxes:
    """Worlds in memory, one for each scenario, in a server without a socket. `targets` are parties
    that are somebody else's; then time is real."""

    def __init__(
        self,
        contracts: Mapping[str, Contract],
        targets: Mapping[str, Target] | None = None,
        around: Around = _as_it_is,
    ) -> None:
        self.identities = IDENTITIES
        self._contracts = contracts
        self._targets = dict(targets or {})
        self._around = around
        self._servers: dict[str, tuple[Worlds, Application]] = {}

    @asynccontextmanager
    async def open(self, scenario: Scenario, seed: int) -> AsyncIterator["Room"]:
        """A fresh world. Raises ConfigError."""
        targets = self._targets_of(scenario)
        loop = asyncio.get_running_loop()
        virtual = loop if isinstance(loop, VirtualLoop) else None
        if targets and virtual is not None:
            raise ConfigError("parties behind URLs live in real time")
        worlds, app = await self._server(scenario, targets)
        if virtual is not None:
            virtual.restart()
        clock = ClockSetting.parse(scenario.clock, "clock")
        world = await worlds.create(NAME, seed, clock if virtual else ClockSetting())
        room = Room(
            worlds,
            world,
            app,
            targets,
            self._contracts,
            duration_ns(scenario.time_out) // NS_PER_MS,
        )
        try:
            if virtual is not None:
                virtual.jumped = partial(_follow, world)
            yield room
        finally:
            await room.close()
            await worlds.drop(NAME)
            if virtual is not None:
                virtual.jumped = _stand_still

    async def close(self) -> None:
        """End every server."""
        for worlds, _ in self._servers.values():
            await worlds.close()
        self._servers.clear()

    def _targets_of(self, scenario: Scenario) -> dict[str, Target]:
        given = {
            party: Target.parse(f"{party}={url}", "targets")
            for party, url in scenario.targets.items()
        }
        return {**given, **self._targets}

    async def _server(
        self, scenario: Scenario, targets: Mapping[str, Target]
    ) -> tuple[Worlds, Application]:
        """A server with these settings; one serves every scenario that asks for the same."""
        world = scenario.world
        settings = Settings(
            seed=0,
            clock=ClockSetting("frozen"),
            strict=not targets,
            profile=world.profile,
            rate_limit_per_s=world.rate_limit_per_s,
            token_ttl_s=world.token_ttl_s,
            targets=dict(targets),
            journal=KEEP,
        )
        name = repr(settings)
        if name not in self._servers:
            worlds = Worlds(settings, self._contracts, _broken, PARTIES)
            app = App(settings, worlds, self._contracts, documents(self._contracts))
            served = self._around(app)
            worlds.serve_by(served)
            await worlds.start()
            self._servers[name] = (worlds, served)
        return self._servers[name]


class Room:
    """One scenario's sandbox (`scenarios.host.Sandbox`)."""

    def __init__(
        self,
        worlds: Worlds,
        world: World,
        app: Application,
        targets: Mapping[str, Target],
        contracts: Mapping[str, Contract],
        time_out_ms: int,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.clock: Clock = _Now(world)
        self._loop = loop if isinstance(loop, VirtualLoop) else None
        self.virtual = self._loop is not None
        self._worlds = worlds
        self._world = world
        self._app = app
        self._targets = targets
        self._time_out_ms = time_out_ms
        kinds = {kind.name: [contracts[name] for name in kind.contracts] for kind in PARTIES}
        self._away = Away(world.chaos, kinds)
        self._ways: list[Transport] = []

    def real(self, party: str) -> bool:
        """Whether a party is behind a URL."""
        return party in self._targets

    def credentials(self, party: str) -> tuple[str, str] | None:
        """Who we are at a party behind a URL, where its target says so."""
        target = self._targets.get(party)
        return None if target is None else target.client

    def way_to(self, party: str) -> Transport:
        """The way to a party; `control` follows the wallet, which holds players and money."""
        target = self._targets.get("wallet" if party == "control" else party)
        if target is None:
            way: Transport = InProcessTransport(
                self._app, prefix=f"/s/{NAME}", timeout_ms=self._time_out_ms
            )
        else:
            way = HttpTransport(target.url, timeout_ms=self._time_out_ms)
            if party != "control":
                over = self._away.over(party, way)
                way = JournalledTransport(over, party, self._world.journal, self.clock)
        self._ways.append(way)
        return way

    def elapsed_ns(self) -> int:
        """Virtual time, or the machine's."""
        return self._loop.now_ns if self._loop is not None else stopwatch_ns()

    async def sleep(self, pause_ns: int, /) -> None:
        """Wait; in virtual time that takes none."""
        await asyncio.sleep(pause_ns / NS_PER_S)

    async def advance(self, by_ns: int) -> None:
        """Let the world's time pass: virtual time does; a real clock jumps, and a target's with
        it. Raises ConfigError for a target whose clock is not ours to move."""
        if self._loop is not None:
            await self._pass(self._loop, by_ns)
            return
        self._world.clock.advance(by_ns)
        for party, target in self._targets.items():
            await _advance(party, target, by_ns)

    async def _pass(self, loop: VirtualLoop, left_ns: int) -> None:
        """From one thing that waits in virtual time to the next; between them happens what falls
        due in the world, each at its time."""
        follow = loop.jumped
        while left_ns > 0:
            for _ in range(_TURNS):  # what can happen now comes before any time passes
                await asyncio.sleep(0)
            waits_ns = loop.until_next_ns()
            part_ns = left_ns if waits_ns is None else max(1, min(left_ns, waits_ns))
            await self._let_fall_due(part_ns)
            loop.jumped = _stand_still
            try:
                await self.sleep(part_ns)
            finally:
                loop.jumped = follow
            left_ns -= part_ns

    async def _let_fall_due(self, part_ns: int) -> None:
        """Let happen what falls due in the world, however many stops that takes."""
        clock = self._world.clock
        until_ns, unfinished = clock.now_ns() + part_ns, True
        while unfinished:
            before_ns = clock.now_ns()
            _, unfinished = await due.advance(self._world, until_ns - before_ns, "tr_advance")
            if unfinished and clock.now_ns() == before_ns:
                raise ConfigError(
                    f"what falls due at {iso(before_ns)} does not end: time cannot pass"
                )

    def hold(self, name: str) -> None:
        """Hold the world fast; what a party behind a URL has is not ours to hold."""
        if self.virtual:
            self._worlds.hold(NAME, name)

    async def restore(self, name: str) -> None:
        """Put the world back. Raises ConfigError where a party is behind a URL."""
        if not self.virtual:
            raise ConfigError("a party behind a URL cannot go back: leave `restore` out for it")
        await self._worlds.restore(NAME, name)

    async def close(self) -> None:
        """Let go of connections, and of what still runs behind answers."""
        for way in self._ways:
            await way.close()


class _Now:
    """Whatever clock the world goes by at the moment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now_ns(self) -> int:
        return self._world.clock.now_ns()


async def _advance(party: str, target: Target, by_ns: int) -> None:
    way = HttpTransport(target.url)
    try:
        reply = await way.send(
            Call(
                method="POST",
                target=f"{way.prefix}/__admin/clock/advance",
                headers={"Content-Type": "application/json"},
                body=json.encode({"by_ms": by_ns // NS_PER_MS}),
            )
        )
    except TransportError as lost:
        raise ConfigError(f"the clock of {party} at {target.url} cannot be moved: {lost}") from None
    finally:
        await way.close()
    if reply.status != 200:
        raise ConfigError(
            f"the clock of {party} at {target.url} cannot be moved: it answers {reply.status}; "
            "leave `advance` out of scenarios for it"
        )


def _follow(world: World, by_ns: int) -> None:
    """A world's clock moves with virtual time."""
    if isinstance(world.clock, SimClock):
        world.clock.advance(by_ns)


def _stand_still(_by_ns: int) -> None:
    """The world's clock has moved already, or there is none."""


def _broken(wrong: StoreBroken) -> None:
    raise ConfigError(f"the scenario's own store broke: {wrong}")
