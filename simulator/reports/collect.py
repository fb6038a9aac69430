"""Events in any order, each as often as it likes, collected into what was played and stands.

A spin is one by its tenant and id, a transaction likewise: a repeat counts once, and one that says
something else is refused, whichever came first. So a report does not depend on the order of events.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from simulator.base.clock import parse_iso
from simulator.reports import platform, studio
from simulator.reports.facts import Fact, Heard, Kind, Owed, Played, Reader, Voided
from simulator.reports.feed import BadFeed, Told

READERS: Mapping[str, Mapping[str, Reader]] = {
    "studio": studio.READERS,
    "platform": platform.READERS,
}
"""Whose feed it is, and the events of it that matter; all others are counted and left alone."""

Key = tuple[str, str, str]
"""Tenant, scope and id."""


class Known(NamedTuple):
    """A fact, when the feed first told it, and where."""

    fact: Fact
    told_ns: int
    place: str


class Settled(NamedTuple):
    """Something played that stands: what it counts as, and what it owes to jackpot pools."""

    tenant: str
    played: Played
    kind: Kind
    contribution: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """What an exclusion takes out of every count, by id (RGS-61)."""

    players: frozenset[str] = frozenset()
    spins: frozenset[str] = frozenset()
    rounds: frozenset[str] = frozenset()

    def __contains__(self, played: object) -> bool:
        return isinstance(played, Played) and (
            played.player_id in self.players
            or played.id in self.spins
            or played.round_id in self.rounds
        )


NOTHING = Excluded()


@dataclass(slots=True)
class Collected:
    """What a feed has told so far. `feed` names whose words its events use."""

    feed: str
    read: int = 0
    repeated: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """Events of other types, counted by type."""
    _events: set[str] = field(default_factory=set)
    _played: dict[Key, Known] = field(default_factory=dict)
    _voided: dict[Key, Known] = field(default_factory=dict)
    _owed: dict[Key, Known] = field(default_factory=dict)

    def take(self, told: Told) -> None:
        """Count one event. Raises BadFeed for one that cannot be read or contradicts another."""
        heard, told_ns = _heard(told)
        self.read += 1
        fact = _fact(told.place, heard, self.feed)
        again = heard.event_id in self._events
        self._events.add(heard.event_id)
        if fact is None:
            self.skipped[heard.event_type] += not again
        else:
            again |= self._keep(Known(fact, told_ns, told.place), heard.tenant_id)
        self.repeated += again

    def settled(
        self, until_ns: int | None = None, excluded: Excluded = NOTHING
    ) -> Iterator[Settled]:
        """What stands by what was told before an instant (None: by all), by time and id."""
        voided = {key for key, known in self._voided.items() if _by(known, until_ns)}
        owed: Counter[Key] = Counter()
        for (tenant, scope, _), known in self._owed.items():
            if _by(known, until_ns) and isinstance(known.fact, Owed):
                spin = (tenant, scope, known.fact.spin_id)
                self._require_same_currency(spin, known, known.fact)
                owed[spin] += known.fact.amount
        standing = [
            (key[0], known.fact)
            for key, known in self._played.items()
            if key not in voided
            and _by(known, until_ns)
            and isinstance(known.fact, Played)
            and known.fact not in excluded
        ]
        paid = {(tenant, played.round_id) for tenant, played in standing if played.stake}
        for tenant, played in sorted(standing, key=_order):
            kind = played.kind
            if not played.spins and (tenant, played.round_id) not in paid:
                kind = "free"  # a win of a round whose debits were all of nothing
            yield Settled(tenant, played, kind, owed[tenant, played.scope, played.id])

    @property
    def reach_ns(self) -> tuple[int, int] | None:
        """When the first and the last were played that it tells of, void or not."""
        facts = (known.fact for known in self._played.values())
        times_ns = [fact.at_ns for fact in facts if isinstance(fact, Played)]
        return (min(times_ns), max(times_ns)) if times_ns else None

    @property
    def voided(self) -> int:
        """How many that were played are void."""
        return len(self._voided.keys() & self._played.keys())

    @property
    def loose(self) -> int:
        """Spins that were contributed for or are void, and that the feed does not tell of: it
        begins too late. A platform also rolls back what was never settled; nothing is missing
        there."""
        if self.feed != "studio":
            return 0
        facts = ((key[0], known.fact) for key, known in self._owed.items())
        spins = {
            (tenant, fact.scope, fact.spin_id) for tenant, fact in facts if isinstance(fact, Owed)
        }
        return len((spins | self._voided.keys()) - self._played.keys())

    def _require_same_currency(self, key: Key, known: Known, owed: Owed) -> None:
        spin = self._played.get(key)
        if spin and isinstance(spin.fact, Played) and spin.fact.currency != owed.currency:
            raise BadFeed(
                f"{known.place}: {owed.id} is in {owed.currency}, its spin {owed.spin_id} in "
                f"{spin.fact.currency} ({spin.place})"
            )

    def _keep(self, known: Known, tenant: str) -> bool:
        """Keep a fact; True where it is known. Raises BadFeed where it is known otherwise."""
        fact = known.fact
        key = (tenant, fact.scope, fact.id)
        match fact:
            case Played():
                there = self._played
            case Voided():
                there = self._voided
            case Owed():
                there = self._owed
        before = there.get(key)
        if before is None:
            there[key] = known
            return False
        if before.fact != fact:
            raise BadFeed(
                f"{known.place}: {fact.id} is told with other values than in {before.place}; "
                f"{_difference(before.fact, fact)}"
            )
        if known.told_ns < before.told_ns:
            there[key] = known
        return True


def _heard(told: Told) -> tuple[Heard, int]:
    try:
        heard = msgspec.convert(told.event, Heard)
        return heard, parse_iso(heard.occurred_at)
    except (msgspec.ValidationError, ValueError) as wrong:
        raise BadFeed(f"{told.place}: is no event in its envelope: {wrong}") from None


def _fact(place: str, heard: Heard, feed: str) -> Fact | None:
    """What an event says, if its type is one that matters."""
    reader = READERS[feed].get(heard.event_type)
    if reader is None:
        return None
    try:
        return reader(heard)
    except (msgspec.ValidationError, ValueError) as wrong:
        raise BadFeed(f"{place}: {heard.event_type} {heard.event_id}: {wrong}") from None


def _order(standing: tuple[str, Played]) -> tuple[int, str, str, str]:
    """By time; at the same time by name, so that the order is one."""
    tenant, played = standing
    return played.at_ns, tenant, played.id, played.scope


def _by(known: Known, until_ns: int | None) -> bool:
    return until_ns is None or known.told_ns < until_ns


def _difference(before: Fact, fact: Fact) -> str:
    """The first field in which two facts differ."""
    for name in fact.__struct_fields__:
        old, new = getattr(before, name, None), getattr(fact, name)
        if old != new:
            return f"{name} was {old!r} and is {new!r}"
    return "they are of another kind"
