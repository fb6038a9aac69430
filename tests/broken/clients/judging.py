"""Lets a client play under a plan in virtual time, and asks the judge about the journal."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from simulator.certify.clients.journal import read
from simulator.certify.clients.plan import Duties, Plan, load
from simulator.certify.clients.suite import Order, judge
from simulator.certify.clients.table import chosen, names
from simulator.certify.wires.asgi import AsgiWire
from simulator.reports.verdicts import happenings as h
from simulator.scenarios.virtual import VirtualLoop
from tests.broken.clients.client import Client
from tests.support import Sandbox, sandbox

Shift = Callable[[Sandbox], Awaitable[None]]


def judged(client: Client, only: Sequence[str] = ()) -> tuple[dict[str, h.CheckEnded], Any]:
    """The verdicts by check, and the end."""

    async def play(box: Sandbox) -> None:
        client.wire = AsgiWire(box.app)
        client.now_ns = box.world.clock.now_ns
        await client.play()
        await client.wire.close()

    plan, _ = load(client.plan, names())
    duties = {**msgspec.structs.asdict(plan.duties), **client.duties}
    return told(msgspec.structs.replace(plan, duties=Duties(**duties)), journal(plan, play), only)


def journal(plan: Plan, shift: Shift, seed: int = 7) -> bytes:
    """The journal of a shift under a plan, as it is exported."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_journal(plan, shift, seed))


async def _journal(plan: Plan, shift: Shift, seed: int) -> bytes:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    async with sandbox(seed=seed, strict=False, profile=plan.profile, journal=100_000) as box:
        loop.jumped = partial(_follow, box)
        added = {"subscription_id": "own", "url": "inbox:own", "event_types": ["bet.rolled_back"]}
        assert (await box.admin("POST", "/subscriptions", added)).status == 201
        for rule in plan.chaos:
            box.world.chaos.add(rule)
        await shift(box)
        return (await box.admin("GET", "/journal/export")).body


def _follow(box: Sandbox, by_ns: int) -> None:
    box.world.clock.advance(by_ns)


def told(
    plan: Plan, raw: bytes, only: Sequence[str] = ()
) -> tuple[dict[str, h.CheckEnded], h.SuiteEnded]:
    """What the judge says of a journal."""
    checks = chosen(list(only) or plan.judge)
    order = Order(plan=plan, checks=checks, target="http://toy", replay="again")
    *_, ended = happenings = list(judge(order, read(raw)))
    assert isinstance(ended, h.SuiteEnded)
    return {one.check: one for one in happenings if isinstance(one, h.CheckEnded)}, ended
