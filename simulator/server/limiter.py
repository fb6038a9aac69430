"""Rate limits per client and brand, by token bucket on the world's clock (PRV-62)."""

from collections.abc import Mapping

from simulator.base.clock import NS_PER_S, Clock
from simulator.base.errors import RateLimited
from simulator.wire.calls import Caller


class Limiter:
    """Allows `per_s` calls a second, and as many at once; 0 allows everything."""

    def __init__(self, per_s: int, clock: Clock) -> None:
        self._per_s = per_s
        self._clock = clock
        self._full_at: dict[tuple[str, str], int] = {}

    def use_clock(self, clock: Clock) -> None:
        """Go by another clock, with every bucket full."""
        self._clock = clock
        self._full_at.clear()

    def take(self, caller: Caller) -> None:
        """Count one call. Raises RateLimited with the seconds to wait.

        The bucket is kept as one number: when it will be full again (GCRA, ITU-T I.371).
        """
        if not self._per_s:
            return
        now_ns = self._clock.now_ns()
        cost_ns = NS_PER_S // self._per_s
        bucket = (caller.client, caller.brand)
        full_at = max(self._full_at.get(bucket, now_ns), now_ns) + cost_ns
        over_ns = full_at - now_ns - NS_PER_S
        if over_ns > 0:
            wait_s = -(-over_ns // NS_PER_S)
            raise RateLimited(
                f"more than {self._per_s} calls a second for {caller.client} on {caller.brand}",
                details={"limit_per_s": self._per_s},
                retry_after_s=wait_s,
            )
        self._full_at[bucket] = full_at

    def buckets(self) -> dict[tuple[str, str], int]:
        """When each is full again: part of the world's state (SBX-04)."""
        return dict(self._full_at)

    def take_up(self, buckets: Mapping[tuple[str, str], int]) -> None:
        """Go on from these."""
        self._full_at = dict(buckets)
