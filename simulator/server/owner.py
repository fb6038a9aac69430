"""The sandbox's owner as a caller: who stands behind operations that no provider asked for."""

from typing import Any

import msgspec

from simulator.base.ids import digest16
from simulator.server.clients import Brand
from simulator.store.recall import Decision, first_answer
from simulator.store.tx import Again
from simulator.store.unit import Unit
from simulator.wire import json
from simulator.wire.calls import Caller


def owner(brand: Brand, trace_id: str) -> Caller:
    """The caller that stands for the sandbox's owner."""
    return Caller(
        client="owner",
        tenant=brand.tenant,
        brand=brand.brand_id,
        region=brand.region,
        licence=brand.licence,
        provider="owner",
        trace_id=trace_id,
    )


def as_owner(unit: Unit, *, caller: Caller, decide: Decision, message: Any) -> Any:
    """Decide as the owner. A refusal is raised and nothing is remembered: there is no key."""
    name = type(message).__name__
    unit.begin(caller, digest16("owner", name, unit.position), None)
    given = decide(unit, message)
    if isinstance(given, Again):
        return msgspec.Raw(first_answer(unit, given).body)
    unit.remember(name, None, 200, json.encode(given))
    return given
