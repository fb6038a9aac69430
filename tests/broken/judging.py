"""Asks a toy system the questions of its role, in process."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from simulator.certify.check import Check
from simulator.certify.checks.table import CHECKS
from simulator.certify.config import Answers, Config, test_world
from simulator.certify.keys import PlayerKey
from simulator.certify.profile import Profile
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.asgi import AsgiWire
from simulator.reports.verdicts import happenings as h
from tests.broken.clients import judging as clients
from tests.broken.rgs_tokens import SUITE_KEY

PLAYER_KEY = msgspec.convert(SUITE_KEY, PlayerKey)


def judged(
    app: Any,
    role: str,
    *,
    only: Sequence[str] = (),
    profile: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    config: Config | None = None,
) -> tuple[dict[str, h.CheckEnded], h.SuiteEnded]:
    """The verdicts by check, and the end, of everything there is to ask. Of a client: of a shift
    that it plays under its plan."""
    if role == "client":
        return clients.judged(app, only)
    return asyncio.run(_judged(app, role, only, profile or {}, answers or {}, config))


async def _judged(
    app: Any,
    role: str,
    only: Sequence[str],
    profile: Mapping[str, Any],
    answers: Mapping[str, Any],
    config: Config | None,
) -> tuple[dict[str, h.CheckEnded], h.SuiteEnded]:
    config = config or msgspec.structs.replace(test_world(role), player_key=PLAYER_KEY)
    config = msgspec.structs.replace(config, answers=Answers(**answers))
    target = Target(AsgiWire(app), config, Profile(**profile), 7, "judge")
    checks = [one for one in chosen(CHECKS, role, "exhaustive", only) if only or not _long(one)]
    order = Order(role=role, target="http://toy", suite="exhaustive", checks=checks, replay="again")
    found: dict[str, h.CheckEnded] = {}
    ended = None
    async for happening in run(order, target):
        if isinstance(happening, h.CheckEnded):
            found[happening.check] = happening
        if isinstance(happening, h.SuiteEnded):
            ended = happening
    await target.wire.close()
    assert ended is not None
    return found, ended


def _long(check: Check) -> bool:
    """Searches with tests of their own: here they would take longer than all others together."""
    word = check.id.partition(".")[2]
    searches = ("contract.positive", "contract.negative", "contract.stateful")
    return word.startswith("machine") or word in searches
