"""Sandboxes made, dropped and branched, and what the journal adds to a call (SBX-04, SBX-10)."""

import asyncio
import time
from statistics import median
from typing import Any

from simulator.base.clock import WallClock
from simulator.server.exchange import Answer, Exchange
from simulator.server.journal import Beginning, Journal, Room
from simulator.settings import ClockSetting
from tests.bench.load import Measure
from tests.support import Sandbox, sandbox

BETS = 10_000
SAMPLES = 30
CALLS = 2_000


def measures() -> list[Measure]:
    """All of it, in this process."""
    made, forked = asyncio.run(_worlds())
    without, journal = _journal()
    return [
        Measure("sandbox_create_drop_ms", round(median(made), 2), "ms", made),
        Measure("sandbox_fork_ms", round(median(forked), 2), "ms", forked),
        Measure("journal_us", round(min(journal) - min(without), 2), "us", journal),
    ]


async def _worlds() -> tuple[list[float], list[float]]:
    """Milliseconds of make and drop, and of a branch of a world with 10 000 bets in it."""
    made, forked = [], []
    async with sandbox(strict=False) as box:
        for _ in range(SAMPLES):
            before = time.perf_counter()
            world = await box.worlds.create(None, None)
            await box.worlds.drop(world.name)
            made.append((time.perf_counter() - before) * 1000)
        await grow(box)
        for _ in range(SAMPLES):
            before = time.perf_counter()
            world = await box.worlds.fork("default", None, None, None)
            forked.append((time.perf_counter() - before) * 1000)
            await box.worlds.drop(world.name)
    return made, forked


async def grow(box: Sandbox, bets: int = BETS) -> None:
    """Bets of a rich player, authorized."""
    player = {"player_id": "p_bench", "currency": "EUR", "cash": 10_000_000}
    await box.admin("POST", "/players", player)
    session = await box.session("p_bench")
    for at in range(0, bets, 250):
        some = [
            box.authorize(session, f"b-{n}", 1, round_id=f"r-{n}", key=f"k-{n}")
            for n in range(at, at + 250)
        ]
        await asyncio.gather(*some)


def _journal() -> tuple[list[float], list[float]]:
    """Microseconds of what a call does anyway, and of that with recording."""
    clock = WallClock()
    scopes = [_scope() for _ in range(100)]
    journal = Journal(Beginning(7, ClockSetting()), Room())
    for _ in range(10):
        _calls(clock, scopes, journal)  # full: from here on each one pushes out another
    without, recorded = [], []
    for _ in range(60):
        without.append(_calls(clock, scopes, None))
        recorded.append(_calls(clock, scopes, journal))
    return without, recorded


def _calls(clock: WallClock, scopes: list[Any], journal: Journal | None) -> float:
    body, answer = b"x" * 200, Answer(200, b"y" * 200)
    before = time.perf_counter()
    for n in range(CALLS):
        exchange = Exchange(scopes[n % 100], "/v1/bets/authorize")
        exchange.body = body
        if journal is not None and journal.recording:
            journal.arrive(exchange, clock.now_ns())
            journal.keep(exchange, answer, b"date")
    return (time.perf_counter() - before) / CALLS * 1_000_000


def _scope() -> Any:
    return {
        "method": "POST",
        "path": "/v1/bets/authorize",
        "query_string": b"",
        "client": ("127.0.0.1", 40_000),
        "headers": [(b"name-%d" % n, b"v" * 30) for n in range(10)],
    }


if __name__ == "__main__":
    for measure in measures():
        print(measure)
