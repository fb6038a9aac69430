"""Money as whole minor units, read from decimal text and never through a binary float (PRV-03).

Refuse, never round: `2.001` EUR is an error, `2`, `2.0` and `2.00` EUR are the same 200 cents.
"""

from decimal import Decimal

from simulator.base.currencies import SCALES

MAX_AMOUNT_MINOR = 10**13
"""Largest amount and largest player's balance, in minor units (a hundred billion euros): far above
any stake or jackpot, and small enough that 900 000 of them fit into a signed 64-bit sum."""

MAX_SUM_MINOR = 9 * 10**18
"""Largest sum an account may reach: below 2**63, the integers of SQLite and PostgreSQL."""


_UNIT = {code: Decimal(1).scaleb(-scale) for code, scale in SCALES.items()}
_PER_UNIT = {code: Decimal(10**scale) for code, scale in SCALES.items()}
_LARGEST = {code: Decimal(MAX_AMOUNT_MINOR).scaleb(-scale) for code, scale in SCALES.items()}


class MoneyError(ValueError):
    """An amount or a currency that cannot be money; the message says what would be right."""


def scale_of(currency: str) -> int:
    """Digits after the point, by ISO 4217. Raises MoneyError for an unknown code."""
    try:
        return SCALES[currency]
    except KeyError:
        raise _no_currency(currency) from None


def to_minor(amount: Decimal, currency: str) -> int:
    """Exact minor units of a decimal amount, sign kept.

    Raises MoneyError where the amount has more decimals than the currency, is not finite or lies
    beyond `MAX_AMOUNT_MINOR`.
    """
    scale = scale_of(currency)
    if not amount.is_finite():
        raise MoneyError("an amount is a finite decimal number")
    # Look at the exponent before computing: 1E+99999 must not be multiplied out.
    if amount and amount.adjusted() + scale > 13:
        raise MoneyError(f"{_short(amount)} is beyond the largest amount, {largest(currency)}")
    # Compared digit by digit: `scaleb` and `normalize` would round to the context's 28 digits.
    _, digits, exponent = amount.as_tuple()
    cut = -scale - int(exponent)
    if cut > 0 and any(digits[-cut:]):
        raise MoneyError(
            f"{_short(amount)} has more decimals than {currency} allows ({scale}); "
            "amounts are never rounded"
        )
    if not amount:
        return 0
    minor = int(amount.scaleb(scale)) if cut <= 0 else int(amount * 10**scale)
    if abs(minor) > MAX_AMOUNT_MINOR:
        raise MoneyError(f"{_short(amount)} is beyond the largest amount, {largest(currency)}")
    return minor


def is_normal(amount: Decimal, currency: str) -> bool:
    """True for an amount written with just the currency's decimals, without a sign and not too
    large: the usual case, told in a tenth of the time of `to_minor`."""
    unit = _UNIT.get(currency)
    return (
        unit is not None
        and amount.same_quantum(unit)
        and not amount.is_signed()  # -0.00 is written 0.00
        and amount <= _LARGEST[currency]
    )


def from_minor(amount_minor: int, currency: str) -> Decimal:
    """The decimal amount, always written with the currency's own number of digits.

    A whole number times the currency's unit has just that unit's exponent; the product is exact,
    because no sum comes near the context's 28 digits.
    """
    try:
        return amount_minor * _UNIT[currency]
    except KeyError:
        raise _no_currency(currency) from None


def in_minor(amount: Decimal, currency: str) -> int:
    """The minor units of an amount that is known to be money in this currency."""
    return int(amount * _PER_UNIT[currency])


def largest(currency: str) -> str:
    """`MAX_AMOUNT_MINOR` in words, for messages."""
    return f"{from_minor(MAX_AMOUNT_MINOR, currency)} {currency}"


def _no_currency(currency: str) -> MoneyError:
    return MoneyError(f"{currency!r} is not an ISO 4217 currency code such as EUR, JPY or KWD")


def _short(amount: Decimal) -> str:
    text = str(amount)
    return text if len(text) <= 24 else text[:20] + "…"
