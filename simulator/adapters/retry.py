"""What to do after an attempt, as pure functions: no I/O, no clock, no dice of its own.

Transient is repeated with the same key, final is not (WAL-03, WAL-26); an unknown outcome is
repeated until it is definite (WAL-72); Retry-After is a lower bound of the wait (WAL-73).
"""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Literal, assert_never

from simulator.base.clock import NS_PER_MS, NS_PER_S
from simulator.base.rng import Rng

Code = Literal[
    "VALIDATION_FAILED",
    "AUTH_FAILED",
    "SCOPE_DENIED",
    "RG_BLOCK",
    "NOT_FOUND",
    "BET_NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "DUPLICATE",
    "IDEMPOTENCY_MISMATCH",
    "INVALID_STATE",
    "TOO_LARGE",
    "INSUFFICIENT_FUNDS",
    "LIMIT_EXCEEDED",
    "CURRENCY_MISMATCH",
    "BUILD_NOT_CERTIFIED",
    "IN_PROGRESS",
    "RATE_LIMITED",
    "INTERNAL",
    "UNAVAILABLE",
]
"""Every code of the error model (PRV-26); a test compares it with the tree in `base.errors`."""


class Ending(Enum):
    """What one attempt tells about its key."""

    DEFINITE = "definite"
    """Answered or refused for good: what the key has done is known, whatever came before."""
    TURNED_AWAY = "turned away"
    """Refused without being remembered: nothing was done now; earlier attempts are not judged."""
    NOT_DONE = "not done"
    """Surely nothing was done, and asking again may succeed."""
    UNKNOWN = "unknown"
    """It may have been done, and asking again tells."""


class Step(Enum):
    """What the caller does next."""

    TAKE = "take"
    """This ending is the outcome."""
    REPEAT = "repeat"
    """Wait, then send the same call with the same key."""
    GIVE_UP = "give up"
    """Stop without knowing the outcome, and say so."""


def ending_of(code: Code) -> Ending:
    """What a refusal tells (PRV-26, PRV-30): every code is decided here, and nowhere else."""
    match code:
        case (
            "RG_BLOCK"
            | "NOT_FOUND"
            | "BET_NOT_FOUND"
            | "DUPLICATE"
            | "IDEMPOTENCY_MISMATCH"
            | "INVALID_STATE"
            | "INSUFFICIENT_FUNDS"
            | "LIMIT_EXCEEDED"
            | "CURRENCY_MISMATCH"
            | "BUILD_NOT_CERTIFIED"
        ):
            return Ending.DEFINITE
        case (
            "VALIDATION_FAILED"
            | "AUTH_FAILED"
            | "SCOPE_DENIED"
            | "METHOD_NOT_ALLOWED"
            | "NOT_ACCEPTABLE"
            | "TOO_LARGE"
        ):
            return Ending.TURNED_AWAY
        case "RATE_LIMITED":
            return Ending.NOT_DONE
        case "IN_PROGRESS" | "INTERNAL" | "UNAVAILABLE":
            return Ending.UNKNOWN
        case _:
            assert_never(code)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how far apart a call is repeated (WAL-75).

    Wait n is `first_wait_ms` × `factor`^(n-1), at most `max_wait_ms`, of which the share `jitter`
    is drawn: 0 none, 1 all of it.
    """

    attempts: int | None = 4
    """At most so many in all; None repeats until the outcome is definite (WAL-26)."""
    first_wait_ms: int = 100
    factor: Fraction = Fraction(2)
    max_wait_ms: int = 5_000
    jitter: Fraction = Fraction(1, 2)

    def __post_init__(self) -> None:
        if self.attempts is not None and self.attempts < 1:
            raise ValueError("a call has at least one attempt")
        if not 0 <= self.first_wait_ms <= self.max_wait_ms:
            raise ValueError("0 <= first_wait_ms <= max_wait_ms")
        if self.factor < 1 or not 0 <= self.jitter <= 1:
            raise ValueError("factor is at least 1, jitter lies in 0..1")


UNTIL_DEFINITE = RetryPolicy(attempts=None)
"""For what must not stay unknown: settlements and rollbacks (WAL-26, WAL-44)."""


def next_step(policy: RetryPolicy, ending: Ending, attempt: int, *, in_doubt: bool) -> Step:
    """Decide after attempt number `attempt` (from 1); `in_doubt` if one before may have been done.

    Never GIVE_UP where the outcome is known, never TAKE where it is not.
    """
    match ending:
        case Ending.DEFINITE:
            return Step.TAKE
        case Ending.TURNED_AWAY:
            return Step.GIVE_UP if in_doubt else Step.TAKE
        case Ending.NOT_DONE | Ending.UNKNOWN:
            if policy.attempts is None or attempt < policy.attempts:
                return Step.REPEAT
            return Step.GIVE_UP if in_doubt or ending is Ending.UNKNOWN else Step.TAKE
        case _:
            assert_never(ending)


def wait_ns(
    policy: RetryPolicy, attempt: int, retry_after_s: int | None, rng: Rng, *key: str
) -> int:
    """Nanoseconds to wait after attempt number `attempt`, drawn for this key and attempt."""
    base = Fraction(policy.first_wait_ms)
    for _ in range(attempt - 1):
        if base >= policy.max_wait_ms or policy.factor == 1 or not base:
            break
        base *= policy.factor
    whole_ns = min(base, Fraction(policy.max_wait_ms)) * NS_PER_MS
    drawn = Fraction(rng.below(1 << 32, "retry", *key, attempt), (1 << 32) - 1)
    own_ns = int(whole_ns * (1 - policy.jitter * drawn))
    return max(own_ns, (retry_after_s or 0) * NS_PER_S)
