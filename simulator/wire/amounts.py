"""How amounts are written on the wire by a profile; the contract's own way is a decimal number.

Applied at the edge: a request is read into decimal numbers before anything looks at it, an answer
is written out after everything has. Nothing is rounded or read through a float (PRV-03).
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from simulator.base.errors import ValidationFailed
from simulator.base.money import MoneyError, scale_of

MoneyFormatName = Literal[
    "decimal_number", "decimal_string", "integer_minor", "millionths", "hundred_thousandths"
]

_TEXT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_LARGEST = 10**20
"""Beyond every amount that the contract allows, in every unit."""


class MoneyFormat(NamedTuple):
    """One way to write an amount. `read` raises ValueError for what is not written that way."""

    read: Callable[[Any, int], Decimal]
    write: Callable[[Decimal, int], Any]


def _read_text(value: Any, _scale: int) -> Decimal:
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        raise ValueError('is not a decimal number as text, such as "2.00"')
    return Decimal(value)


def _write_text(amount: Decimal, _scale: int) -> str:
    return f"{amount:f}"


def _whole(value: Any) -> int:
    if isinstance(value, Decimal) and abs(value) < _LARGEST and value == int(value):
        value = int(value)  # 200.0 is an integer, as JSON Schema has it
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise ValueError("is not a whole number of units")
    return value


def _units(decimals: int | None) -> MoneyFormat:
    """Whole numbers of 10**-decimals; None: of the currency's own minor units."""

    def read(value: Any, scale: int) -> Decimal:
        return Decimal(_whole(value)).scaleb(-(scale if decimals is None else decimals))

    def write(amount: Decimal, scale: int) -> int:
        return int(amount.scaleb(scale if decimals is None else decimals))

    return MoneyFormat(read, write)


FORMATS: dict[MoneyFormatName, MoneyFormat | None] = {
    "decimal_number": None,
    "decimal_string": MoneyFormat(_read_text, _write_text),
    "integer_minor": _units(None),
    "millionths": _units(6),
    "hundred_thousandths": _units(5),
}
"""None where there is nothing to translate."""


def read_amounts(body: Any, how: MoneyFormat, place: str = "") -> Any:
    """A body with its amounts as decimal numbers. Raises ValidationFailed naming the field."""

    def read(amount: Any, scale: int, where: str) -> Any:
        try:
            return how.read(amount, scale)
        except ValueError as wrong:
            errors = [{"field": where, "message": str(wrong)}]
            raise ValidationFailed(f"{where}: {wrong}", details={"errors": errors}) from None

    return _translate(body, read, place)


def write_amounts(answer: Any, how: MoneyFormat) -> Any:
    """An answer with its decimal numbers written so."""
    return _translate(answer, lambda amount, scale, _: how.write(Decimal(amount), scale), "")


def _translate(value: Any, convert: Callable[[Any, int, str], Any], place: str) -> Any:
    """A copy in which the amount of everything that is money is converted."""
    if isinstance(value, list):
        return [_translate(part, convert, _join(place, str(at))) for at, part in enumerate(value)]
    if not isinstance(value, dict):
        return value
    scale = _scale(value)
    return {
        name: (
            convert(part, scale, _join(place, name))
            if name == "amount" and scale is not None
            else _translate(part, convert, _join(place, name))
        )
        for name, part in value.items()
    }


def _scale(value: dict[str, Any]) -> int | None:
    """The decimals of what is money; None for what is not, or is in no currency there is (which the
    contract refuses)."""
    currency = value.get("currency")
    if "amount" not in value or not isinstance(currency, str):
        return None
    try:
        return scale_of(currency)
    except MoneyError:
        return None


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
