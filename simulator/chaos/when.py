"""When a rule strikes: attempts of one call, calls by arrival, chance, a window of time (SBX-06).

All conditions that are given have to hold. Attempts and chance are keyed by the call, so they do
not depend on the order of arrival; `calls`, `every`, `skip` and `count` do.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

import msgspec

from simulator.base.clock import NS_PER_MS
from simulator.base.rng import Rng

Nth = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Nths = Annotated[tuple[Nth, ...], msgspec.Meta(min_length=1, max_length=1_000)]


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A span of time since the rule was added."""

    from_ms: Annotated[
        int, msgspec.Meta(ge=0, description="Begins so long after the rule was added.")
    ] = 0
    until_ms: Annotated[
        int | None, msgspec.Meta(description="Ends so long after it; without it, never.")
    ] = None
    time: Annotated[
        Literal["world", "real"],
        msgspec.Meta(description="By the sandbox's clock, or by the machine's."),
    ] = "world"

    def __post_init__(self) -> None:
        if self.until_ms is not None and self.until_ms <= self.from_ms:
            raise ValueError("window: until_ms has to come after from_ms")

    def holds(self, since_ns: int) -> bool:
        """Whether so long after its start is inside."""
        ms = since_ns // NS_PER_MS
        return self.from_ms <= ms and (self.until_ms is None or ms < self.until_ms)


class When(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The conditions of a rule. Without any it always strikes."""

    attempts: Annotated[
        Nths | None,
        msgspec.Meta(
            description="Which attempts of one call: [1] is the first time its key arrives."
        ),
    ] = None
    calls: Annotated[
        Nths | None,
        msgspec.Meta(
            description="Which matching calls, counted as they arrive since it was added."
        ),
    ] = None
    every: Annotated[
        Nth | None, msgspec.Meta(description="Each so-many-th matching call, after `skip`.")
    ] = None
    skip: Annotated[
        int, msgspec.Meta(ge=0, le=1_000_000, description="So many matching calls pass first.")
    ] = 0
    count: Annotated[
        Nth | None, msgspec.Meta(description="At most so many strikes; then it is spent.")
    ] = None
    probability: Annotated[
        Fraction | None,
        msgspec.Meta(
            description='An exact fraction: "3/10" or "0.3". Drawn for each call and attempt.'
        ),
    ] = None
    window: Annotated[Window | None, msgspec.Meta(description="Only in this span of time.")] = None

    def __post_init__(self) -> None:
        if self.calls is not None and (self.every is not None or self.skip):
            raise ValueError("calls: names the calls already; leave every and skip out")

    def holds(self, attempt: int, nth: int) -> bool:
        """Whether this attempt, as the nth matching call, is one of those named."""
        if self.attempts is not None and attempt not in self.attempts:
            return False
        if self.calls is not None and nth not in self.calls:
            return False
        return nth > self.skip and (self.every is None or (nth - self.skip) % self.every == 0)

    def drawn(self, rng: Rng, rule: str, key: bytes, attempt: int) -> bool:
        """The draw of this call and attempt (architecture, D1)."""
        if self.probability is None:
            return True
        return rng.strikes(self.probability, "chaos", rule, key, attempt, "strike")


@dataclass(slots=True)
class Tally:
    """What a rule has counted since it was added."""

    calls: int = 0
    strikes: int = 0


def read_fraction(kind: type[Any], value: Any) -> Any:
    """A probability as it is written, exactly. Raises ValueError; a binary float is refused."""
    if kind is not Fraction:
        raise NotImplementedError(kind)
    wrong = f'{value!r} is no exact fraction in 0..1, such as "3/10" or "0.3"'
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(wrong)  # noqa: TRY004 - msgspec makes its error of a ValueError
    try:
        found = Fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(wrong) from None
    if not 0 < found <= 1 or found.denominator > 10**18:
        raise ValueError(wrong if found else "a probability of 0 never strikes; leave the rule out")
    return found
