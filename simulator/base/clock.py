"""Time is an argument. A world has one clock; nothing else may ask what time it is (SBX-03)."""

import time
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

FROZEN_START_NS = 1_767_225_600 * NS_PER_S
"""2026-01-01T00:00:00Z: where a world starts whose clock is frozen with no time given."""

LATEST_NS = 9_214_646_399 * NS_PER_S
"""2261-12-31T23:59:59Z: the end of the last whole year whose nanoseconds fit in 64 bits, which is
what stores keep; what is due a while later fits as well."""


SLOWEST, FASTEST = Fraction(1, 1000), Fraction(100_000)
"""A second in a quarter of an hour, and a day in less than one: beyond that freeze and advance."""

NO_RATE = Fraction(1)

stopwatch_ns = time.perf_counter_ns
"""How long something took in real time, for people: nothing is decided by it."""


class Clock(Protocol):
    """What the parties see of time."""

    def now_ns(self) -> int:
        """Nanoseconds since the Unix epoch, UTC."""
        ...


class WorldClock(Clock, Protocol):
    """A clock that its owner may move; never back."""

    @property
    def mode(self) -> str:
        """wall, shifted, accelerated or frozen."""
        ...

    @property
    def rate(self) -> Fraction:
        """How fast it runs beside real time; 0 where it stands still."""
        ...

    def advance(self, by_ns: int) -> None:
        """Jump ahead. Raises ValueError for a step back, or beyond `LATEST_NS`."""
        ...


class WallClock:
    """The machine's time, moved by an offset; `advance` shifts it."""

    rate = Fraction(1)

    def __init__(self, start_ns: int | None = None) -> None:
        self.mode = "wall" if start_ns is None else "shifted"
        self.offset_ns = 0 if start_ns is None else start_ns - time.time_ns()

    def now_ns(self) -> int:
        return time.time_ns() + self.offset_ns

    def advance(self, by_ns: int) -> None:
        """Jump ahead and go on running from there."""
        self.offset_ns += forward(self.now_ns(), by_ns)


class AcceleratedClock:
    """Runs from an instant on, so many times as fast as real time, or as slow."""

    mode = "accelerated"

    def __init__(self, start_ns: int, rate: Fraction) -> None:
        if not SLOWEST <= rate <= FASTEST:
            raise ValueError(f"a rate of {rate} is outside {SLOWEST}..{FASTEST}")
        self.rate = rate
        self._start_ns = start_ns
        self._real_ns = stopwatch_ns()

    def now_ns(self) -> int:
        passed_ns = stopwatch_ns() - self._real_ns
        now_ns = self._start_ns + passed_ns * self.rate.numerator // self.rate.denominator
        return min(now_ns, LATEST_NS)

    def advance(self, by_ns: int) -> None:
        """Jump ahead and go on running from there."""
        self._start_ns += forward(self.now_ns(), by_ns)


class SimClock:
    """Stands still until it is advanced."""

    mode = "frozen"
    rate = Fraction(0)

    def __init__(self, start_ns: int = FROZEN_START_NS) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        return self._now_ns

    def advance(self, by_ns: int) -> None:
        """Jump ahead and stand still there."""
        self._now_ns += forward(self._now_ns, by_ns)


def make_clock(mode: str, start_ns: int, rate: Fraction = NO_RATE) -> WorldClock:
    """A clock of this mode. Raises ValueError for a rate that it cannot have."""
    if mode == "wall":
        return WallClock()
    if mode == "shifted":
        return WallClock(start_ns)
    if mode == "accelerated":
        return AcceleratedClock(start_ns, rate)
    return SimClock(start_ns)


def forward(now_ns: int, by_ns: int) -> int:
    """A step that a clock can take. Raises ValueError for one back, or beyond `LATEST_NS`."""
    if by_ns < 0:
        raise ValueError("a clock only moves forward")
    if now_ns + by_ns > LATEST_NS:
        raise ValueError("a clock cannot be advanced beyond the year 2261")
    return by_ns


def iso(at_ns: int) -> str:
    """UTC, ISO 8601, written with milliseconds (PRV-04)."""
    return _iso_ms(at_ns // NS_PER_MS)


def iso_or_none(at_ns: int | None) -> str | None:
    """The same, of what may not have happened."""
    return None if at_ns is None else iso(at_ns)


@lru_cache(maxsize=256)
def _iso_ms(at_ms: int) -> str:
    """A busy server writes the same millisecond many times."""
    seconds, rest_ms = divmod(at_ms, 1_000)
    return f"{_iso_second(seconds)}.{rest_ms:03d}Z"


@lru_cache(maxsize=256)
def _iso_second(seconds: int) -> str:
    """And the same second thousands of times."""
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
