"""Two transports around another one: a stopwatch, and a wire that loses answers on purpose."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from simulator.adapters.transport import ReplyLost, Transport
from simulator.base.rng import Rng
from simulator.wire.calls import Call, Reply

LOST = Fraction(1, 12)
LOST_AT_MOST = 2
"""Arrivals of one key that may lose their answer: below what any retry policy here stands."""

MONEY_PATHS = ("/v1/bets/authorize", "/v1/bets/settle", "/v1/bets/rollback")


class Stopwatch:
    """Notes how long each answered call took. `timer` counts nanoseconds and never goes back."""

    def __init__(self, inner: Transport, timer: Callable[[], int]) -> None:
        self.prefix = inner.prefix
        self.took_ns: list[int] = []
        self._inner = inner
        self._timer = timer

    async def send(self, call: Call) -> Reply:
        """Send, and note the time."""
        start_ns = self._timer()
        reply = await self._inner.send(call)
        self.took_ns.append(self._timer() - start_ns)
        return reply

    async def close(self) -> None:
        """Close what is behind."""
        await self._inner.close()

    def percentile_ns(self, percent: int) -> int:
        """The time within which this percentage of calls was answered (nearest rank)."""
        ordered = sorted(self.took_ns)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else 0


class LosesAnswers:
    """Lets every call through and keeps some answers to itself: done, and the caller cannot know.

    Drawn for each key (its run left out, so that every run loses the same ones) and arrival, only
    of calls that move money (WAL-72).
    """

    def __init__(self, inner: Transport, rng: Rng, run: str) -> None:
        self.prefix = inner.prefix
        self.kept: dict[str, list[Reply]] = {}
        """Idempotency key → the answers to it that its sender never saw."""
        self._inner = inner
        self._rng = rng
        self._run = f"_{run}_"
        self._arrivals: Counter[str] = Counter()

    async def send(self, call: Call) -> Reply:
        """Send; raises ReplyLost for the answers that are drawn."""
        reply = await self._inner.send(call)
        key = call.headers.get("X-Idempotency-Key")
        if key is None or not call.target.endswith(MONEY_PATHS):
            return reply
        self._arrivals[key] += 1
        arrival = self._arrivals[key]
        name = key.replace(self._run, "_", 1)
        if arrival <= LOST_AT_MOST and self._rng.strikes(LOST, "lose", name, arrival):
            self.kept.setdefault(key, []).append(reply)
            raise ReplyLost("lost on purpose")
        return reply

    async def close(self) -> None:
        """Close what is behind."""
        await self._inner.close()
