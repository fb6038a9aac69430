"""The chaos of one world: its rules, and which of them strike a call that arrives."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from simulator.base.clock import Clock, WallClock
from simulator.base.errors import Duplicate, InvalidState, NotFound
from simulator.base.rng import Rng
from simulator.chaos.at import Arrival, fits
from simulator.chaos.coverage import Coverage
from simulator.chaos.draws import Arrivals
from simulator.chaos.fault import Place
from simulator.chaos.held import Held
from simulator.chaos.installed import Installed
from simulator.chaos.passage import Passage
from simulator.chaos.rule import Rule, read_rule
from simulator.chaos.table import LAYERS
from simulator.chaos.waits import Waits


class Chaos:
    """One world's. While `active` is false, nothing of this is on any call's way."""

    def __init__(
        self,
        places: Sequence[Place],
        clock: Clock,
        rng: Callable[[], Rng],
        sleep: Callable[[int], Awaitable[None]],
        *,
        off: bool = False,
    ) -> None:
        self.off = off
        """Whether no rule is taken at all."""
        self.active = False
        self.asks_for_players = False
        """Whether a rule has to know whom a call is about."""
        self.places = {(place.side, place.name): place for place in places}
        self.rules: dict[str, Installed] = {}
        self.coverage = Coverage()
        self.waits = Waits(sleep)
        self.clock = clock
        self._rng = rng
        self._real: Clock = WallClock()
        self._arrivals = Arrivals()
        self._in_order: list[Installed] = []
        self._triggers: dict[tuple[str, str], Installed] = {}
        self._held = Held(self.waits, self._set_active)

    # Rules ----------------------------------------------------------------------------------------

    def add(self, given: Any) -> Installed:
        """Put a rule in force. Raises BadRule, Duplicate for a name that is taken, or InvalidState
        where chaos is switched off."""
        self._require_on()
        rule = read_rule(given, self.places.values())
        self._drop_expired()
        if rule.rule_id in self.rules:
            raise Duplicate(
                f"there is a rule {rule.rule_id} already; remove it first, or name this one",
                details={"rule": rule.rule_id},
            )
        installed = self._install(rule)
        self.rules[rule.rule_id] = installed
        self.coverage.ask(rule)
        self._order()
        return installed

    def get(self, name: str) -> Installed:
        """A rule in force. Raises NotFound."""
        self._drop_expired()
        installed = self.rules.get(name)
        if installed is None:
            raise NotFound(f"there is no chaos rule {name[:80]}", details={"rule": name[:80]})
        return installed

    def all(self) -> list[Installed]:
        """The rules in force, in the order in which they are met."""
        self._drop_expired()
        return list(self._in_order)

    def pause(self, name: str, paused: bool) -> Installed:
        """Let a rule rest, or go on."""
        installed = self.get(name)
        installed.paused = paused
        return installed

    def remove(self, name: str) -> None:
        """Take a rule out of force; calls that it holds go on at their time. Raises NotFound."""
        self.get(name)
        del self.rules[name]
        self._order()

    def clear(self) -> None:
        """Take every rule out of force."""
        self.rules.clear()
        self._order()

    def adopt(self, other: "Chaos") -> None:
        """Go on where another world's chaos stands, for a snapshot, a restore or a fork: its rules
        with what they have counted and remember, its attempts, its coverage. What is held stays
        where it is held."""
        self.rules = {name: one.copy() for name, one in other.rules.items()}
        self._triggers = {at: one.copy() for at, one in other._triggers.items()}
        self._arrivals = other._arrivals.copy()
        self.coverage = other.coverage.copy()
        self._order()

    def trigger(self, text: str, place: Place) -> Installed:
        """The rule of one call's `X-Chaos` header. Raises BadRule, or InvalidState where chaos is
        switched off."""
        self._require_on()
        at = (text, f"{place.side} {place.name}")
        known = self._triggers.get(at)
        if known is None:
            given = {**_read_trigger(text), "at": {"call": place.name, "seam": place.side}}
            if len(self._triggers) >= _TRIGGERS:
                self._triggers.clear()
            known = self._triggers[at] = self._install(read_rule(given, self.places.values()))
            self.coverage.ask(known.rule)
        return known

    def _require_on(self) -> None:
        if self.off:
            raise InvalidState(
                "chaos is switched off on this server (--no-chaos): no rules, no X-Chaos",
                details={"reason": "chaos_off"},
            )

    def _install(self, rule: Rule) -> Installed:
        return Installed(rule, self.clock.now_ns(), self._real.now_ns())

    def _order(self) -> None:
        """By layer, then by name: the order in which rules were added changes nothing."""
        self._in_order = sorted(
            self.rules.values(), key=lambda one: (LAYERS[one.rule.fault_name], one.rule.rule_id)
        )
        self.asks_for_players = any(one.rule.at.player is not None for one in self._in_order)
        self._set_active()

    def _set_active(self) -> None:
        self.active = bool(self.rules or self._held)

    def _drop_expired(self) -> None:
        now_ns = self.clock.now_ns()
        gone = [name for name, one in self.rules.items() if one.expired(now_ns)]
        for name in gone:
            del self.rules[name]
        if gone:
            self._order()

    # Calls ----------------------------------------------------------------------------------------

    def meet(self, arrival: Arrival, trigger: Installed | None = None) -> Passage:
        """Count a call's arrival and decide what strikes it."""
        self._drop_expired()
        matching = [
            one
            for one in self._in_order
            if arrival.place in one.rule.places and fits(one.rule.at, arrival)
        ]
        if trigger is not None:
            matching.append(trigger)
            matching.sort(key=lambda one: (LAYERS[one.rule.fault_name], one.rule.rule_id))
        attempt = arrival.attempt
        if attempt is None:
            attempt = self._arrivals.count(arrival.key) if matching else 0
        now_ns, real_ns, rng = self.clock.now_ns(), self._real.now_ns(), self._rng()
        struck = []
        for one in matching:
            if one.paused or not one.in_window(now_ns, real_ns):
                continue
            one.tally.calls += 1
            rule = one.rule
            if rule.when.holds(attempt, one.tally.calls) and rule.when.drawn(
                rng, rule.rule_id, arrival.key, attempt
            ):
                struck.append(one)
        return Passage(
            self._held, self.coverage, self.clock, arrival, attempt, matching, struck, rng
        )


_TRIGGERS = 256
"""Headers whose rule is remembered as read; beyond, all are let go and read anew."""


def _read_trigger(text: str) -> dict[str, Any]:
    """`lose_reply; moment=mid_body; attempts=1` as a rule: fault, then parameters."""
    fault, *pairs = [part.strip() for part in text.split(";")]
    given: dict[str, Any] = {"fault": fault, "with": {}}
    for pair in pairs:
        name, _, value = (part.strip() for part in pair.partition("="))
        read: Any = value
        if value.lstrip("-").isdigit() and value.isascii():
            read = int(value)
        elif value in ("true", "false"):
            read = value == "true"
        if name in ("attempts", "calls"):
            given[name] = [read]
        else:
            given["with"][name] = read
    return given
