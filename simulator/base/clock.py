"""Time is an argument. A world has one clock; nothing else may ask what time it is (SBX-03)."""

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

FROZEN_START_NS = 1_767_225_600 * NS_PER_S
"""2026-01-01T00:00:00Z: where a world starts whose clock is frozen with no time given."""

LATEST_NS = 9_214_646_399 * NS_PER_S
"""2261-12-31T23:59:59Z: the end of the last whole year whose nanoseconds fit in 64 bits, which is
what stores keep; what is due a while later fits as well."""


stopwatch_ns = time.perf_counter_ns
"""How long something took in real time, for people: nothing is decided by it."""


class Clock(Protocol):
    """What the parties see of time."""

    def now_ns(self) -> int:
        """Nanoseconds since the Unix epoch, UTC."""
        ...


class WallClock:
    """The machine's time, moved by an offset; `advance` shifts it."""

    mode = "wall"

    def __init__(self) -> None:
        self.offset_ns = 0

    def now_ns(self) -> int:
        return time.time_ns() + self.offset_ns

    def advance(self, by_ns: int) -> None:
        """Jump ahead and go on running from there."""
        self.offset_ns += _forward(self.now_ns(), by_ns)


class SimClock:
    """Stands still until it is advanced."""

    mode = "frozen"

    def __init__(self, start_ns: int = FROZEN_START_NS) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        return self._now_ns

    def advance(self, by_ns: int) -> None:
        """Jump ahead and stand still there."""
        self._now_ns += _forward(self._now_ns, by_ns)


def _forward(now_ns: int, by_ns: int) -> int:
    if by_ns < 0:
        raise ValueError("a clock only moves forward")
    if now_ns + by_ns > LATEST_NS:
        raise ValueError("a clock cannot be advanced beyond the year 2261")
    return by_ns


def iso(at_ns: int) -> str:
    """UTC, ISO 8601, written with milliseconds (PRV-04)."""
    seconds, rest_ns = divmod(at_ns, NS_PER_S)
    return f"{_iso_second(seconds)}.{rest_ns // NS_PER_MS:03d}Z"


@lru_cache(maxsize=256)
def _iso_second(seconds: int) -> str:
    """A busy server writes the same second thousands of times."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def parse_iso(text: str) -> int:
    """Nanoseconds of an ISO 8601 time with a zone, read with or without milliseconds (PRV-04).

    Raises ValueError for anything else; a time without a zone is refused, not guessed.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone; write it as 2026-01-01T00:00:00Z")
    elapsed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    at_ns = (elapsed.days * 86_400 + elapsed.seconds) * NS_PER_S + elapsed.microseconds * 1_000
    if not 0 <= at_ns <= LATEST_NS:
        raise ValueError(f"{text!r} is outside 1970..2261")
    return at_ns
