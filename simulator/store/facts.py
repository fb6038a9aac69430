"""Facts about a store (its seed, its configuration), changed by operations like anything else.

So each change has its row among the operations, with what was before, and its seal (QLT-05, JP-32).
"""

from collections.abc import Mapping

import msgspec

from simulator.store.rows import Fact
from simulator.store.tx import Tx
from simulator.wire.messages import Message


class SetFacts(Message, frozen=True, kw_only=True):
    """Facts by name. Each reason to change some is a message, and so an operation, of its own."""

    facts: Mapping[str, str]


class MakeWorld(SetFacts, frozen=True, kw_only=True):
    """The first operation of a store."""


class SetSeed(SetFacts, frozen=True, kw_only=True):
    """Another seed from now on."""


class SetClock(SetFacts, frozen=True, kw_only=True):
    """Another time, or another way of passing. Its row carries the new time."""


class Configure(SetFacts, frozen=True, kw_only=True):
    """A start with other settings than before."""


class FactsSet(msgspec.Struct, frozen=True):
    """What has changed: from what, None where it is new, to what."""

    changed: dict[str, tuple[str | None, str]]


def set_facts(tx: Tx, ask: SetFacts) -> FactsSet:
    """Write the facts that are not so already."""
    changed: dict[str, tuple[str | None, str]] = {}
    for name, value in ask.facts.items():
        known = tx.lock(Fact, (name,))
        if known is None:
            changed[name] = None, value
            tx.put(Fact(name=name, value=value))
        elif known.value != value:
            changed[name] = known.value, value
            tx.put(known.but(value=value))
    return FactsSet(changed)
