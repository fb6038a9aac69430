"""A sandbox that is struck by a plan until it is over, and the journal of what its callers did."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from simulator.adapters.inprocess import InProcessTransport
from simulator.base.blocks import BlockSource
from simulator.base.clock import NS_PER_MS, NS_PER_S, stopwatch_ns
from simulator.base.errors import Problem
from simulator.certify.clients.journal import read
from simulator.certify.clients.plan import Plan
from simulator.certify.clients.watched import Watched
from simulator.chaos.bad import BadRule
from simulator.cli.serve import prepare
from simulator.server.journal import ALL_WORLDS_BYTES, Journal
from simulator.server.journal_control import export_journal
from simulator.server.run import Process, run
from simulator.settings import Settings
from simulator.wire.calls import Call
from simulator.wire.journal import ExportJournal
from simulator.world import World

KEEP = 200_000
"""Exchanges that are kept of a watch: hours of a busy client."""

LOOK_S = 0.1
QUIET_NS = 2 * NS_PER_S
"""After the last call that was asked for a client may finish what it has begun: until it has been
quiet for so long, or, while it owes another attempt, for its patience."""
FINISH_NS = 30 * NS_PER_S
"""And no longer than this, while it goes on calling."""


@dataclass(frozen=True, slots=True)
class Until:
    """When a watch ends, besides by a signal; None: not for that."""

    ns: int | None = None
    calls: int | None = None


def watched(
    settings: Settings,
    plan: Plan,
    source: BlockSource,
    until: Until,
    announce: Callable[[str], None],
) -> tuple[bytes, str]:
    """Serve until it is over: the journal as it is exported, and where was served. `announce` is
    told the URL when it can be called. Raises ConfigError."""
    process, worlds, url = prepare(settings)
    exported: list[bytes] = []

    async def main() -> None:
        await worlds.start()
        world = worlds.get("default")
        world.journal.bound(KEEP, ALL_WORLDS_BYTES)
        try:
            strike(world, plan, source)
        except BaseException:
            process.give_up()
            await worlds.close()
            raise
        watch = _Watch(world, plan, until, process)
        waiting = asyncio.ensure_future(watch.wait())

        async def close() -> None:
            waiting.cancel()
            await watch.mark_end()
            exported.append((await export_journal(world, ExportJournal())).body)
            await worlds.close()

        await process.serve(close, announce=lambda: announce(url))

    run(main())
    return exported[0], url


def strike(world: World, plan: Plan, source: BlockSource) -> None:
    """Put the rules of a plan in force. Raises ConfigError with the place of one that cannot be."""
    for at, rule in enumerate(plan.chaos):
        try:
            world.chaos.add(rule)
        except BadRule as wrong:
            raise source.wrong(("chaos", at, *wrong.field.split(".")), wrong.why) from None
        except Problem as refused:
            raise source.wrong(("chaos", at), refused.message) from None


class _Watch:
    """Looks on until it is over."""

    def __init__(self, world: World, plan: Plan, until: Until, process: Process) -> None:
        self._world = world
        self._plan = plan
        self._until = until
        self._process = process
        self._began_ns = stopwatch_ns()
        self._over_ns: int | None = None  # when enough calls had come
        self._quiet_ns = self._last = 0
        self._judged = -1
        self._owes = False

    async def wait(self) -> None:
        """Stop the process when it is over."""
        while True:
            await asyncio.sleep(LOOK_S)
            if await self._is_over():
                self._process.stop()
                return

    async def mark_end(self) -> None:
        """The journal's last exchange is the end of the watch: what was not repeated long before it
        was abandoned."""
        way = InProcessTransport(self._process.app)
        await way.send(Call(method="GET", target="/__admin/health", headers={}))
        await way.close()

    async def _is_over(self) -> bool:
        until, now_ns = self._until, stopwatch_ns()
        if until.ns is not None and now_ns - self._began_ns >= until.ns:
            return True
        arrived = self._world.journal.arrived
        if arrived != self._last:
            self._last, self._quiet_ns = arrived, now_ns
        if until.calls is None or arrived < until.calls:
            return False
        if self._over_ns is None:
            self._over_ns = now_ns if _calls(self._world.journal) >= until.calls else None
            return False
        quiet_ns = now_ns - self._quiet_ns
        if quiet_ns < QUIET_NS:
            return now_ns - self._over_ns >= FINISH_NS
        return quiet_ns > self._plan.duties.patience_ms * NS_PER_MS or not await self._still_owes()

    async def _still_owes(self) -> bool:
        """Whether the client has left something open; looked at again when it has called again."""
        if self._judged != self._last:
            self._judged = self._last
            raw = (await export_journal(self._world, ExportJournal())).body
            self._owes = Watched(read(raw), self._plan.duties).unfinished()
        return self._owes


def _calls(journal: Journal) -> int:
    """How many calls to a party have come from outside."""
    return sum(
        kept.direction == "in" and kept.operation != "" and kept.party != "server"
        for kept in journal
    )
