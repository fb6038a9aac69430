"""Where a rule strikes: an operation of a party, and whose calls (SBX-06)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from simulator.chaos.bad import BadRule, no_such, read
from simulator.chaos.fault import Fault, Place
from simulator.chaos.seam import header
from simulator.wire.calls import Call

Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class At(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which calls. Texts may hold wildcards (`*`, `?`, `[abc]`); all that is given has to fit."""

    call: Annotated[
        Pattern,
        msgspec.Meta(
            description="`party.operationId`: `wallet.authorizeBet`, `wallet.*`, `*.settle*`, `*`. "
            "A party alone means all of its operations."
        ),
    ] = "*"
    event: Annotated[
        Pattern | None,
        msgspec.Meta(
            description="Instead of `call`: deliveries of events of this type to a subscriber: "
            "`bet.settled`, `bet.*`, `*`."
        ),
    ] = None
    seam: Annotated[
        Literal["incoming", "outgoing"] | None,
        msgspec.Meta(
            description="`incoming`: at the door of a party played here; `outgoing`: on our way to "
            "a party that --target names. Without it, both."
        ),
    ] = None
    tenant: Annotated[Pattern | None, msgspec.Meta(description="The tenant of the brand.")] = None
    brand: Annotated[Pattern | None, msgspec.Meta(description="X-Brand-Id.")] = None
    region: Annotated[
        Pattern | None, msgspec.Meta(description="X-Region, or where the brand lives.")
    ] = None
    player: Annotated[
        Pattern | None,
        msgspec.Meta(description="The player a call is about, also by session, bet or round."),
    ] = None
    header: Annotated[
        Mapping[str, str] | None, msgspec.Meta(description="Headers and what they have to say.")
    ] = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One call at a seam, and what there is to know of it."""

    place: Place
    call: Call
    key: bytes
    tenant: str = ""
    brand: str = ""
    region: str = ""
    player: str = ""
    attempt: int | None = None
    """Where who sends keeps count of its attempts; None: by how often the key has arrived here."""


def read_at(given: Any) -> At:
    """`at` as it is written: a text, or an object. Raises BadRule."""
    at = At(call=given) if isinstance(given, str) and given else read(At, given, "at")
    if at.event is not None:
        if isinstance(given, dict) and ("call" in given or "seam" in given):
            raise BadRule("at", "names calls (`call`, `seam`) or deliveries (`event`), not both")
        return at
    named = at.call
    return msgspec.structs.replace(at, call=named if "." in named or "*" in named else f"{named}.*")


def find_places(at: At, fault: Fault, name: str, places: Iterable[Place]) -> frozenset[Place]:
    """The places that a rule names and at which its fault makes sense.

    Raises BadRule where there is none: with the nearest name, or with the reason.
    """
    if at.event is not None:
        return _find_events(at.event, fault, name, places)
    known = [place for place in places if place.side != "delivery"]
    named = [place for place in known if fnmatchcase(place.name, at.call)]
    if not named:
        words = sorted({place.name for place in known} | {f"{place.party}.*" for place in known})
        raise no_such("at", "there is no operation", at.call, words)
    if (reason := fault.why_not_at(at.call)) is not None:
        raise BadRule("at", f"{name} makes no sense at {at.call}: {reason}")
    here = [place for place in named if at.seam in (None, place.side)]
    if not here:
        raise BadRule(
            "at",
            f"{at.call} is not called {_WHERE[at.seam or 'incoming']}; "
            + ("name the party by --target" if at.seam == "outgoing" else "leave seam out"),
        )
    reasons = {place: fault.why_not(place) for place in here}
    fitting = frozenset(place for place, reason in reasons.items() if reason is None)
    if not fitting:
        why = next(why for why in reasons.values() if why is not None)
        raise BadRule("fault", f"{name} makes no sense at {here[0].name}: {why}")
    return fitting


def _find_events(event: str, fault: Fault, name: str, places: Iterable[Place]) -> frozenset[Place]:
    known = [place for place in places if place.side == "delivery"]
    named = [place for place in known if fnmatchcase(place.operation_id, event)]
    if not named:
        words = [place.operation_id for place in known]
        raise no_such("at.event", "there is no event", event, words)
    if (reason := fault.why_not_at(event)) is not None:
        raise BadRule("at", f"{name} makes no sense at event {event}: {reason}")
    if (reason := fault.why_not(named[0])) is not None:
        raise BadRule("fault", f"{name} makes no sense where events are delivered: {reason}")
    return frozenset(named)


_WHERE: Mapping[str, str] = {
    "incoming": "at a door of this sandbox",
    "outgoing": "on our way to another party",
}


def fits(at: At, arrival: Arrival) -> bool:
    """Whether a call is one of those meant; its place has been looked at already."""
    texts = (
        (at.tenant, arrival.tenant),
        (at.brand, arrival.brand),
        (at.region, arrival.region),
        (at.player, arrival.player),
    )
    if not all(wanted is None or fnmatchcase(given, wanted) for wanted, given in texts):
        return False
    find = partial(header, arrival.call)
    return all(
        fnmatchcase(find(name.lower()) or "", wanted) and find(name.lower()) is not None
        for name, wanted in (at.header or {}).items()
    )
