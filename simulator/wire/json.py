"""JSON, read without a binary float and written the same way each time.

A number with a fraction or an exponent becomes a `Decimal` of exactly its text (PRV-03).
"""

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")

encode = _encoder.encode


_NESTED = (dict, list)
_ODD_NUMBER = re.compile(rb'"([^"\\]{1,80})"\s*:\s*(-?(?:NaN|Infinity|[0-9]{4000,}))')
"""What other writers take for numbers, behind the name that it belongs to."""


DEEPEST = 200
"""Levels of objects and arrays: twenty times what any contract here has. What a decoder of its own
would take depends on the version of Python, and on whatever called it."""


class NotJson(ValueError):
    """Bytes that are not one JSON text in UTF-8; the message says why."""


def decode(raw: bytes) -> Any:
    """The JSON value of the bytes. Raises NotJson, whatever is wrong with them (WAL-77)."""
    try:
        value = _decoder.decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError:
        raise NotJson("is not UTF-8") from None
    except ArithmeticError:  # 1e99999999999999999999: even a Decimal's exponent ends somewhere
        raise NotJson("holds a number that is out of range") from None
    except (msgspec.DecodeError, ValueError) as wrong:
        odd = _ODD_NUMBER.search(raw)
        if odd is not None:
            name = odd[1].decode("utf-8", "replace")
            raise NotJson(f"is not JSON: {name} is {_shown(odd[2])}, no number of JSON") from None
        raise NotJson(f"is not JSON: {wrong}") from None
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and _levels(value) > DEEPEST:
        raise _too_deep()
    return value


def require_single_names(raw: bytes, value: Any) -> None:
    """Refuse an object that names something twice: readers disagree on which one counts (RFC 8259
    §4), and here it may be an amount. Raises NotJson.

    As many colons as names mean that no name was dropped; only where there are more (an id may hold
    one) is the text read a second time.
    """
    if raw.count(b":") != _names(value):
        json.loads(raw, object_pairs_hook=_single)


def _too_deep() -> NotJson:
    return NotJson(f"is nested too deeply: {DEEPEST} levels at most")


def _levels(value: Any) -> int:
    """How deeply a value is nested, up to one more than is allowed."""
    levels, level = 0, [value]
    while levels <= DEEPEST and (level := [one for one in level if isinstance(one, _NESTED)]):
        levels += 1
        level = [part for one in level for part in (one.values() if isinstance(one, dict) else one)]
    return levels


def _names(value: Any) -> int:
    count = 0
    parts: Iterable[Any] = ()
    if isinstance(value, dict):
        count, parts = len(value), value.values()
    elif isinstance(value, list):
        parts = value
    for part in parts:
        if isinstance(part, _NESTED):
            count += _names(part)
    return count


def _single(pairs: Sequence[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise NotJson(f"names {name[:80]!r} twice")


def _shown(number: bytes) -> str:
    return number.decode() if len(number) < 20 else f"a number of {len(number)} digits"
