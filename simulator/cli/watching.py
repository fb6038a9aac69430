"""A sandbox that is struck by a plan until it is over, and the journal of what its callers did."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from simulator.base.clock import NS_PER_S, stopwatch_ns
from simulator.base.errors import Problem
from simulator.certify.clients.plan import Plan, PlanSource
from simulator.chaos.bad import BadRule
from simulator.cli.serve import prepare
from simulator.server.journal import ALL_WORLDS_BYTES, Journal
from simulator.server.journal_control import export_journal
from simulator.server.run import Process, run
from simulator.settings import Settings
from simulator.wire.journal import ExportJournal
from simulator.world import World

KEEP = 200_000
"""Exchanges that are kept of a watch: hours of a busy client."""

LOOK_S = 0.1
QUIET_NS = 2 * NS_PER_S
"""After the last call that was asked for a client may finish what it has begun: until it has been
quiet for so long, which is more than most pauses between retries."""
FINISH_NS = 20 * NS_PER_S
"""And no longer than this."""


@dataclass(frozen=True, slots=True)
class Until:
    """When a watch ends, besides by a signal; None: not for that."""

    ns: int | None = None
    calls: int | None = None


def watched(
    settings: Settings,
    plan: Plan,
    source: PlanSource,
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
            await worlds.close()
            raise
        waiting = asyncio.ensure_future(_wait(lambda: world.journal, until, process))

        async def close() -> None:
            waiting.cancel()
            exported.append((await export_journal(world, ExportJournal())).body)
            await worlds.close()

        await process.serve(close, announce=lambda: announce(url))

    run(main())
    return exported[0], url


def strike(world: World, plan: Plan, source: PlanSource) -> None:
    """Put the rules of a plan in force. Raises ConfigError with the place of one that cannot be."""
    for at, rule in enumerate(plan.chaos):
        try:
            world.chaos.add(rule)
        except BadRule as wrong:
            raise source.wrong(("chaos", at, *wrong.field.split(".")), wrong.why) from None
        except Problem as refused:
            raise source.wrong(("chaos", at), refused.message) from None


async def _wait(journal: Callable[[], Journal], until: Until, process: Process) -> None:
    began_ns = stopwatch_ns()
    over_ns: int | None = None  # when enough calls had come
    quiet_ns = last = 0
    while True:
        await asyncio.sleep(LOOK_S)
        now_ns, arrived = stopwatch_ns(), journal().arrived
        if arrived != last:
            last, quiet_ns = arrived, now_ns
        if over_ns is None and until.calls is not None and arrived >= until.calls:
            over_ns = now_ns if _calls(journal()) >= until.calls else None
        enough = over_ns is not None and (
            now_ns - quiet_ns >= QUIET_NS or now_ns - over_ns >= FINISH_NS
        )
        if enough or (until.ns is not None and now_ns - began_ns >= until.ns):
            process.stop()
            return


def _calls(journal: Journal) -> int:
    """How many calls to a party have come from outside."""
    return sum(
        kept.direction == "in" and kept.operation != "" and kept.party != "server"
        for kept in journal
    )
