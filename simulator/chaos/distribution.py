"""Waiting times by distribution, exactly repeatable: integers and correctly rounded decimals only.

A float's logarithm may differ in its last bit from one C library to the next. `Decimal.ln`, `exp`
and `sqrt` are correctly rounded by definition (General Decimal Arithmetic), so a seed gives the
same milliseconds everywhere. Fractions of a millisecond are dropped.
"""

from collections.abc import Callable
from decimal import ROUND_FLOOR, Context, Decimal

Below = Callable[[int, str], int]
"""An unbiased integer in [0, bound), drawn under a name."""

_CONTEXT = Context(prec=28)
_STEPS = 2**64
_Z95 = Decimal("1.6448536269514722")
"""The 95th percentile of the standard normal distribution."""


def uniform(below: Below, low_ms: int, high_ms: int) -> int:
    """Each whole number of milliseconds in low..high with the same chance."""
    return low_ms + below(high_ms - low_ms + 1, "uniform")


def normal(below: Below, mean_ms: int, sd_ms: int) -> int:
    """Around a mean; what would be negative is 0."""
    c = _CONTEXT
    return max(0, _floor(c.add(Decimal(mean_ms), c.multiply(Decimal(sd_ms), _z(below)))))


def log_normal(below: Below, median_ms: int, p95_ms: int) -> int:
    """Half of all waits below the median, one in twenty above `p95_ms`."""
    c = _CONTEXT
    sigma = c.divide(c.ln(c.divide(Decimal(p95_ms), Decimal(median_ms))), _Z95)
    return _floor(c.multiply(Decimal(median_ms), c.exp(c.multiply(sigma, _z(below)))))


def pareto(below: Below, least_ms: int, alpha_hundredths: int) -> int:
    """At least `least_ms`, with a long tail: P(wait > x) = (least/x) ^ alpha."""
    c = _CONTEXT
    u = c.divide(Decimal(below(_STEPS, "pareto") + 1), Decimal(_STEPS))  # in (0, 1]
    power = c.divide(c.multiply(c.ln(u), Decimal(-100)), Decimal(alpha_hundredths))
    return _floor(c.multiply(Decimal(least_ms), c.exp(power)))


def _z(below: Below) -> Decimal:
    """A standard normal number, by Marsaglia's polar method; what it rejects is drawn anew."""
    c = _CONTEXT
    attempt = 0
    while True:
        u = _in_unit(below(_STEPS, f"u{attempt}"))
        v = _in_unit(below(_STEPS, f"v{attempt}"))
        s = c.add(c.multiply(u, u), c.multiply(v, v))
        if 0 < s < 1:
            return c.multiply(u, c.sqrt(c.divide(c.multiply(Decimal(-2), c.ln(s)), s)))
        attempt += 1


def _in_unit(step: int) -> Decimal:
    """A number in (-1, 1), symmetrical around 0."""
    return _CONTEXT.divide(Decimal(2 * step + 1 - _STEPS), Decimal(_STEPS))


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_FLOOR))
