"""What must hold after the steps: a struct for each law, named by its only own key (SBX-07)."""

from typing import Annotated, Any, Literal

import msgspec

from simulator.base.blocks import Block
from simulator.scenarios.steps import WORD, Calls


class Law(Block, frozen=True, kw_only=True):
    """What every law may say."""

    why: Annotated[str | None, msgspec.Meta(description="For people.")] = None


class Balance(Block, frozen=True, kw_only=True):
    """What a player has; what is not given may be anything."""

    available: Annotated[str | None, msgspec.Meta(description="`48.00 EUR`.")] = None
    held: Annotated[str | None, msgspec.Meta(description="`2.00 EUR`.")] = None


class BookLaw(Law, frozen=True, kw_only=True):
    """The books keep every law of double entry, and the audit chain is whole (SBX-11)."""

    book: Annotated[Literal["sound"], msgspec.Meta(description="`sound`.")]


class PlayerLaw(Law, frozen=True, kw_only=True):
    """What players have."""

    player: Annotated[dict[str, Balance], msgspec.Meta(description="Player → balance.")]


class MoneyLaw(Law, frozen=True, kw_only=True):
    """Each player has what the acknowledged steps leave them: nothing lost, nothing repeated. What
    was never acknowledged may have happened, once (WAL-06, WAL-72)."""

    money: Annotated[Literal["kept"], msgspec.Meta(description="`kept`.")]


class EventsLaw(Law, frozen=True, kw_only=True):
    """How many events of a type the feed of its party has, each with an id of its own (PRV-34)."""

    events: Annotated[dict[str, int], msgspec.Meta(description="Event type → how many.")]


class Delivered(Block, frozen=True, kw_only=True):
    """What has arrived at a subscriber."""

    events: Annotated[
        dict[str, int] | None,
        msgspec.Meta(description="Type → how many events, copies not counted."),
    ] = None
    arrivals: Annotated[
        int | None, msgspec.Meta(description="How often something was taken, copies included.")
    ] = None
    refused: Annotated[
        int | None, msgspec.Meta(description="How often something came whose proof did not fit.")
    ] = None
    dead: Annotated[int, msgspec.Meta(description="How many were given up.")] = 0
    in_order: Annotated[
        bool, msgspec.Meta(description="Whether the events of a player came in their order.")
    ] = True


class DeliveredLaw(Law, frozen=True, kw_only=True):
    """Every event that a subscriber is to be told of has arrived, under one id however often it
    came, and the events of a player in their order (PRV-34)."""

    delivered: Annotated[
        dict[str, Delivered], msgspec.Meta(description="Subscriber → what has arrived.")
    ]


class PoolLaw(Law, frozen=True, kw_only=True):
    """What jackpots' pools show; that each adds up from what came in and what was paid out, to the
    last fraction, is a law of the book (WAL-91)."""

    pool: Annotated[
        dict[str, dict[str, Any]],
        msgspec.Meta(description="Pool → what `jackpot.readPool` answers: `size`, `hits`, …"),
    ]


class CallsLaw(Law, frozen=True, kw_only=True):
    """How often something was called, by the journal (SBX-10)."""

    calls: Annotated[list[Calls], msgspec.Meta(description="Each has to hold.")]


class StruckLaw(Law, frozen=True, kw_only=True):
    """How often faults have struck. Rules that never struck fail a scenario anyway, but for those
    with a probability, or that `may_rest`."""

    struck: Annotated[dict[WORD, int], msgspec.Meta(description="Fault → at least so often.")]


class MayRestLaw(Law, frozen=True, kw_only=True):
    """Rules that need not strike."""

    may_rest: Annotated[list[WORD], msgspec.Meta(description="The names of the rules.")]


class UnchangedLaw(Law, frozen=True, kw_only=True):
    """Every player has what a snapshot noted."""

    unchanged_since: Annotated[WORD, msgspec.Meta(description="The snapshot's name.")]


class Bound(Block, frozen=True, kw_only=True):
    """A bound."""

    max: int


class ServiceLaw(Law, frozen=True, kw_only=True):
    """Service levels over the storms, or where there is none over all calls; times are those of
    whole calls from when they should have started (SBX-14)."""

    service: Annotated[
        dict[Literal["p50_ms", "p95_ms", "p99_ms", "p99_9_ms", "max_ms", "errors"], Bound],
        msgspec.Meta(description="Level → `{max: …}`."),
    ]


LAWS: dict[str, type[Law]] = {
    "book": BookLaw,
    "player": PlayerLaw,
    "money": MoneyLaw,
    "events": EventsLaw,
    "delivered": DeliveredLaw,
    "pool": PoolLaw,
    "calls": CallsLaw,
    "struck": StruckLaw,
    "may_rest": MayRestLaw,
    "unchanged_since": UnchangedLaw,
    "service": ServiceLaw,
}
"""The key that says what a law is → its struct."""
