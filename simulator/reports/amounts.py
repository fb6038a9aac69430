"""Fractions as decimals, exactly: nothing is rounded but invoice lines (RGS-61)."""

from decimal import Decimal
from fractions import Fraction

from simulator.base.money import from_minor, scale_of

PERIODIC_DIGITS = 12
"""Digits after the point of what has no end, such as a capped deduction's part: cut there."""


def money(minor: int | Fraction, currency: str) -> Decimal:
    """Minor units as an amount: with the currency's digits, and more where there are more."""
    if minor == minor // 1:
        return from_minor(int(minor), currency)
    return exact(Fraction(minor) / 10 ** scale_of(currency), scale_of(currency))


def exact(value: Fraction, least: int = 0) -> Decimal:
    """A fraction as a decimal of at least so many digits after the point."""
    places = least
    while places < PERIODIC_DIGITS + least and value * 10**places % 1:
        places += 1
    scaled = value * 10**places
    whole = abs(scaled) // 1
    return Decimal((int(scaled < 0), _digits(whole), -places))


def _digits(whole: int) -> tuple[int, ...]:
    """The digits themselves: arithmetic on decimals would round at the context's 28."""
    return tuple(map(int, str(whole)))
