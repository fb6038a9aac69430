"""Money as the judge counts it: whole minor units, read from the text of an answer, never rounded.

Its own, not `base.money`: an error in one must not hide in the other. (PRV-03)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

Format = Literal[
    "decimal_number", "decimal_string", "integer_minor", "millionths", "hundred_thousandths"
]
"""How amounts stand on the wire (rules.md, profile switches)."""

SCALES: dict[str, int] = {
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0),
}
"""Decimals of the ISO 4217 currencies that do not have two."""

MOST_DIGITS = 40
"""An amount with more of them, before or after the point, is not counted with."""

_FACTORS: dict[Format, int] = {"millionths": 1_000_000, "hundred_thousandths": 100_000}


class NotMoney(ValueError):
    """What stands there is not an amount of this currency in this format."""


def scale(currency: str) -> int:
    """How many decimals the currency has."""
    return SCALES.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{_decimal(self.minor, self.currency)} {self.currency}"

    def written(self, form: Format) -> dict[str, Any]:
        """As `{"amount": …, "currency": …}` in a format of the wire."""
        return {"amount": write(self.minor, self.currency, form), "currency": self.currency}


def write(minor: int, currency: str, form: Format) -> Any:
    """An amount as the wire has it: Decimal (a JSON number), text or int."""
    match form:
        case "decimal_number":
            return _decimal(minor, currency)
        case "decimal_string":
            return str(_decimal(minor, currency))
        case "integer_minor":
            return minor
        case "millionths" | "hundred_thousandths":
            return minor * _FACTORS[form] // 10 ** scale(currency)


def spellings(currency: str, amounts: Sequence[int]) -> dict[str, int]:
    """Minor units as JSON numbers with as many decimals as need be and, where there are more, with
    one zero behind them: text → minor units."""
    found = {}
    for minor in amounts:
        least = f"{_decimal(minor, currency).normalize():f}"
        found[least] = minor
        _, _, decimals = least.partition(".")
        if len(decimals) < scale(currency):
            found[least + ("0" if decimals else ".0")] = minor
    return found


def too_fine(currency: str) -> list[str]:
    """JSON numbers with a tenth, a half and nine tenths of a minor unit."""
    decimals = scale(currency)
    return [f"0.{'0' * decimals}1", f"2.{'0' * decimals}5", f"4.{'9' * decimals}9"]


def least_negative(currency: str) -> str:
    """A minor unit less than nothing, as a JSON number."""
    return f"{_decimal(-1, currency):f}"


def with_amount(body: bytes, text: str) -> bytes:
    """The body with its first amount as this JSON text. Raises ValueError where it has none."""
    changed, times = _AMOUNT.subn(b'"amount":' + text.encode(), body, count=1)
    if not times:
        raise ValueError(f"there is no amount in {body!r}")
    return changed


_AMOUNT = re.compile(rb'"amount":(?:"[^"]*"|[^",{}]+)')


def whole(units: int, currency: str, form: Format) -> int | str:
    """So many whole units, as JSON has them without a point."""
    found = write(units * 10 ** scale(currency), currency, form)
    return found if isinstance(found, str) else int(found)


def read(value: Any, form: Format) -> Money:
    """What `{"amount": …, "currency": …}` says. Raises NotMoney, which says why it is none."""
    if not isinstance(value, dict) or not isinstance(value.get("currency"), str):
        raise NotMoney(f"{value!r} is not {{amount, currency}}")
    currency, amount = value["currency"], value.get("amount")
    return Money(read_amount(amount, currency, form), currency)


def read_amount(amount: Any, currency: str, form: Format) -> int:
    """Minor units of a bare amount. Raises NotMoney."""
    if form == "decimal_string":
        if not isinstance(amount, str):
            raise NotMoney(f"the amount {amount!r} is not a text, and the profile says it is")
        try:
            amount = Decimal(amount)
        except InvalidOperation:
            raise NotMoney(f"the amount {amount!r} is not a decimal number") from None
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise NotMoney(f"the amount {amount!r} is not a number")
    if not isinstance(amount, int) and not amount.is_finite():
        raise NotMoney(f"the amount {amount!r} is not finite")
    if abs(Decimal(amount).adjusted()) > MOST_DIGITS:
        raise NotMoney(f"the amount {Decimal(amount):.3e} is larger or finer than any money")
    if form in ("decimal_number", "decimal_string"):
        found = Decimal(amount).scaleb(scale(currency))
    elif form == "integer_minor":
        found = Decimal(amount)
    else:
        found = Decimal(amount) * 10 ** scale(currency) / _FACTORS[form]
    if found != int(found):
        raise NotMoney(f"{amount} has more decimals than {currency}")
    return int(found)


def _decimal(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-scale(currency))
