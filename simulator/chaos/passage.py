"""One call's way through the faults that strike it, each around the next."""

from collections.abc import Awaitable, Callable, Sequence

from simulator.base.clock import Clock
from simulator.base.rng import Rng
from simulator.chaos.at import Arrival
from simulator.chaos.coverage import Coverage
from simulator.chaos.held import Held, Later
from simulator.chaos.installed import Installed
from simulator.chaos.seam import Forward, Host, Injection, Seam
from simulator.wire.calls import Call, Reply

Send = Callable[[Call], Awaitable[Reply]]


class Passage:
    """One call's way through the faults that strike it. `injections` says what has been done to it
    so far, also when it ends without a reply."""

    def __init__(
        self,
        held: Held,
        coverage: Coverage,
        clock: Clock,
        arrival: Arrival,
        attempt: int,
        matching: Sequence[Installed],
        struck: Sequence[Installed],
        rng: Rng,
    ) -> None:
        self.injections: list[Injection] = []
        self._held = held
        self._coverage = coverage
        self._clock = clock
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
            self._held.ended(self._arrival.key, self._matching)

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
        self._coverage.count(seam.injection)
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
            later=Later(self._held, one),
            memory=one.memory,
            now_ns=self._clock.now_ns(),
            injection=Injection(
                rule=one.rule.rule_id,
                fault=one.rule.fault_name,
                side=place.side,
                operation=place.name,
                attempt=self._attempt,
                key=arrival.key.hex(),
            ),
        )
