"""A rule in force: since when, and what it has counted."""

from dataclasses import dataclass, field, replace

from simulator.base.clock import NS_PER_S
from simulator.chaos.rule import Rule
from simulator.chaos.when import Tally
from simulator.wire.calls import Reply


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

    def copy(self) -> "Installed":
        """The same, to count on by itself."""
        return replace(self, tally=replace(self.tally), memory=dict(self.memory))
