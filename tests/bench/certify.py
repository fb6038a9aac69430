"""How long the contract suites take, over HTTP and in process (SBX-08)."""

import asyncio
import sys
import time
from statistics import median

from simulator.certify.check import Level
from simulator.certify.checks.table import CHECKS
from simulator.certify.config import TEST_WORLD
from simulator.certify.profile import Profile
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.asgi import AsgiWire
from simulator.certify.wires.sockets import SocketWire
from simulator.certify.wires.wire import Wire
from simulator.reports.verdicts import happenings as h
from tests.bench.load import Measure
from tests.processes import SERVE_COMMAND, running
from tests.support import sandbox

TURNS = 3


def measures() -> list[Measure]:
    """Seconds of whole suites of a wallet, against the reference."""
    smoke, standard = [], []
    with running(command=SERVE_COMMAND) as server:
        server.wait_ready()
        for _ in range(TURNS):
            smoke.append(asyncio.run(_over_http(server.url, "smoke")))
            standard.append(asyncio.run(_over_http(server.url, "standard")))
    inside = [asyncio.run(_in_process()) for _ in range(TURNS)]
    return [
        Measure("certify_wallet_smoke_s", round(median(smoke), 2), "s", smoke),
        Measure("certify_wallet_standard_s", round(median(standard), 2), "s", standard),
        Measure("certify_in_process_s", round(median(inside), 2), "s", inside),
    ]


async def _over_http(url: str, suite: Level) -> float:
    return await _took(SocketWire(url), suite)


async def _in_process() -> float:
    async with sandbox(strict=False) as box:
        return await _took(AsgiWire(box.app), "standard")


async def _took(wire: Wire, suite: Level) -> float:
    """Seconds of the suite; a suite that does not pass is no measure."""
    target = Target(wire, TEST_WORLD, Profile(), 42, f"{time.time_ns():x}")
    checks = chosen(CHECKS, "wallet", suite, ())
    order = Order(role="wallet", target="bench", suite=suite, checks=checks, replay="")
    before = time.perf_counter()
    async for happening in run(order, target):
        if isinstance(happening, h.CheckEnded) and happening.verdict == "fail":
            sys.exit(f"{happening.check} fails against the reference: {happening.why}")
    took_s = time.perf_counter() - before
    await wire.close()
    return took_s


if __name__ == "__main__":
    for measure in measures():
        print(measure.name, measure.value, measure.unit)
