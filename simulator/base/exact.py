"""Fractions become decimals here, with 12 digits, by integer division: never through a float."""

from decimal import Context, Decimal
from fractions import Fraction

DIGITS = Context(prec=12, Emax=10**9, Emin=-(10**9))


def number(value: Fraction) -> Decimal:
    """A fraction with 12 digits."""
    rounded = DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
    short = DIGITS.normalize(rounded)
    whole = short == DIGITS.to_integral_value(short) and short.adjusted() < DIGITS.prec
    return short.quantize(Decimal(1)) if whole else short
