"""The chaos of one world: its rules, what they have counted, and how a call passes through them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.base.clock import NS_PER_S, Clock, WallClock
from simulator.base.errors import Duplicate, NotFound
from simulator.base.rng import Rng
from simulator.chaos.at import Arrival, fits
from simulator.chaos.coverage import Coverage
from simulator.chaos.draws import Arrivals
from simulator.chaos.fault import Place
from simulator.chaos.rule import Rule, read_rule
from simulator.chaos.seam import Forward, Host, Injection, Seam
from simulator.chaos.table import LAYERS
from simulator.chaos.waits import Waits
from simulator.chaos.when import Tally
from simulator.wire.calls import Call, Reply

Send = Callable[[Call], Awaitable[Reply]]


@dataclass(slots=True, eq=False)
class Installed:
    """A rule in force, and what it has counted."""

    rule: Rule
    since_ns: int
    since_real_ns: int
    paused: bool = False
    tally: Tally = field(default_factory=Tally)
    memory: dict[bytes, Reply] = field(default_factory=dict)

    def expired(self, now_ns: int) -> bool:
        """Whether its time to live is over."""
        ttl_s = self.rule.ttl_s
        return ttl_s is not None and now_ns - self.since_ns >= ttl_s * NS_PER_S

    def in_window(self, now_ns: int, real_ns: int) -> bool:
        """Whether now is within the span of time in which it strikes."""
        window = self.rule.when.window
        if window is None:
            return True
        since = real_ns - self.since_real_ns if window.time == "real" else now_ns - self.since_ns
        return window.holds(since)


@dataclass(slots=True, eq=False)
class _Waiting:
    """A call that is held back until others have passed it."""

    left: int
    behind: Installed
    same_key: bytes | None
    """Only calls of this K count, whatever rules they meet; None: every call of the rule."""
    gone_by: asyncio.Future[None]


class Chaos:
    """One world's. While `active` is false, nothing of this is on any call's way."""

    def __init__(
        self,
        places: Sequence[Place],
        clock: Clock,
        rng: Callable[[], Rng],
        sleep: Callable[[int], Awaitable[None]],
    ) -> None:
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
        self._waiting: list[_Waiting] = []

    # Rules ----------------------------------------------------------------------------------------

    def add(self, given: Any) -> Installed:
        """Put a rule in force. Raises BadRule, or Duplicate for a name that is taken."""
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
        self.rules = {
            name: replace(one, tally=replace(one.tally), memory=dict(one.memory))
            for name, one in other.rules.items()
        }
        self._triggers = {
            at: replace(one, tally=replace(one.tally)) for at, one in other._triggers.items()
        }
        self._arrivals = other._arrivals.copy()
        self.coverage = other.coverage.copy()
        self._order()

    def trigger(self, text: str, place: Place) -> Installed:
        """The rule of one call's `X-Chaos` header. Raises BadRule."""
        at = (text, f"{place.side} {place.name}")
        known = self._triggers.get(at)
        if known is None:
            given = {**_read_trigger(text), "at": {"call": place.name, "seam": place.side}}
            if len(self._triggers) >= _TRIGGERS:
                self._triggers.clear()
            known = self._triggers[at] = self._install(read_rule(given, self.places.values()))
            self.coverage.ask(known.rule)
        return known

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
        self.active = bool(self.rules or self._waiting)

    def _drop_expired(self) -> None:
        now_ns = self.clock.now_ns()
        gone = [name for name, one in self.rules.items() if one.expired(now_ns)]
        for name in gone:
            del self.rules[name]
        if gone:
            self._order()

    # Calls ----------------------------------------------------------------------------------------

    def meet(self, arrival: Arrival, trigger: Installed | None = None) -> "Passage":
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
        return Passage(self, arrival, attempt, matching, struck, rng)

    def ended(self, key: bytes, matching: Sequence[Installed]) -> None:
        """A call has ended, with or without an answer: what waited for it goes on."""
        for waiting in tuple(self._waiting):
            if waiting.same_key == key or (waiting.same_key is None and waiting.behind in matching):
                waiting.left -= 1
                if not waiting.left and not waiting.gone_by.done():
                    waiting.gone_by.set_result(None)

    async def wait_for(
        self, behind: Installed, calls: int, within_ns: int, same_key: bytes | None
    ) -> bool:
        """Wait until so many later calls have ended; False where the time was over first."""
        gone_by = asyncio.get_running_loop().create_future()
        waiting = _Waiting(calls, behind, same_key, gone_by)
        self._waiting.append(waiting)
        self._set_active()
        try:
            await self.waits.wait_ns(within_ns, gone_by)
            return gone_by.done()
        finally:
            self._waiting.remove(waiting)
            self._set_active()
            gone_by.cancel()


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


class Passage:
    """One call's way through the faults that strike it. `injections` says what has been done to it
    so far, also when it ends without a reply."""

    def __init__(
        self,
        chaos: Chaos,
        arrival: Arrival,
        attempt: int,
        matching: Sequence[Installed],
        struck: Sequence[Installed],
        rng: Rng,
    ) -> None:
        self.injections: list[Injection] = []
        self._chaos = chaos
        self._arrival = arrival
        self._attempt = attempt
        self._matching = matching
        self._struck = struck
        self._rng = rng
        self._noted: set[str] = set()

    async def run(self, host: Host, send: Send) -> Reply:
        """The reply as the caller gets it. Raises NoReply."""
        try:
            return await self._forward(0, self._arrival.call, host, send)()
        finally:
            self._chaos.ended(self._arrival.key, self._matching)

    def _forward(self, depth: int, call: Call, host: Host, send: Send) -> Forward:
        async def forward(other: Call | None = None, /) -> Reply:
            now = call if other is None else other
            if depth == len(self._struck):
                reply = await send(now)
                self._watched(now, host, reply)
                return reply
            one = self._struck[depth]
            seam = self._seam(one, now, host)
            rest = self._forward(depth + 1, now, host, send)
            if not self._strikes(one, seam):
                return await rest()
            return await one.rule.fault.around(seam, rest)

        return forward

    def _strikes(self, one: Installed, seam: Seam) -> bool:
        """Whether it changes anything and is not spent; then it is counted, once for each call."""
        count, name = one.rule.when.count, one.rule.rule_id
        if name in self._noted:
            return True
        if not one.rule.fault.can_strike(seam):
            return False
        if count is not None and one.tally.strikes >= count:
            return False
        one.tally.strikes += 1
        self._noted.add(name)
        self.injections.append(seam.injection)
        self._chaos.coverage.count(seam.injection)
        return True

    def _watched(self, call: Call, host: Host, reply: Reply) -> None:
        for one in self._matching:
            if one.rule.rule_id not in self._noted:
                one.rule.fault.watch(self._seam(one, call, host), reply)

    def _seam(self, one: Installed, call: Call, host: Host) -> Seam:
        arrival = self._arrival
        place = arrival.place
        return Seam(
            operation=place.name,
            writes=place.writes,
            call=call,
            key=arrival.key,
            attempt=self._attempt,
            rule=one.rule.rule_id,
            rng=self._rng,
            host=host,
            later=_Later(self._chaos, one),
            memory=one.memory,
            now_ns=self._chaos.clock.now_ns(),
            injection=Injection(
                rule=one.rule.rule_id,
                fault=one.rule.fault_name,
                side=place.side,
                operation=place.name,
                attempt=self._attempt,
                key=arrival.key.hex(),
            ),
        )


class _Later:
    """What comes after a call, by the rule that holds it."""

    def __init__(self, chaos: Chaos, one: Installed) -> None:
        self._chaos = chaos
        self._one = one

    async def passed(self, calls: int, within_ns: int, same_key: bytes | None = None) -> bool:
        return await self._chaos.wait_for(self._one, calls, within_ns, same_key)
