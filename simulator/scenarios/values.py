"""Values of a scenario: money, durations, and what earlier steps have given (SBX-07)."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from simulator.base.clock import NS_PER_MS, NS_PER_S

_MONEY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ([A-Z]{3})")
_TEMPLATE = re.compile(r"\$\{([^}]*)\}")
_UNITS_NS = {
    "ms": NS_PER_MS,
    "s": NS_PER_S,
    "m": 60 * NS_PER_S,
    "h": 3_600 * NS_PER_S,
    "d": 86_400 * NS_PER_S,
}


class NoValue(ValueError):
    """A `${…}` that leads nowhere."""


def duration_ns(text: str) -> int:
    """Nanoseconds of `250ms`, `30s`, `2h`."""
    digits = text.rstrip("mshd")
    return int(digits) * _UNITS_NS[text[len(digits) :]]


def money(text: str) -> dict[str, Any]:
    """`2.00 EUR` as the wire has it, exactly."""
    found = _MONEY.fullmatch(text)
    if found is None:
        raise NoValue(f"{text!r} is not money such as 2.00 EUR")
    return {"amount": Decimal(found[1]), "currency": found[2]}


def resolve(value: Any, scope: Mapping[str, Any]) -> Any:
    """A value with its `${…}` filled in and its money made objects, at any depth.

    Raises NoValue.
    """
    if isinstance(value, dict):
        return {key: resolve(one, scope) for key, one in value.items()}
    if isinstance(value, list):
        return [resolve(one, scope) for one in value]
    if not isinstance(value, str):
        return value
    filled = fill(value, scope)
    if isinstance(filled, str) and _MONEY.fullmatch(filled):
        return money(filled)
    return filled


def fill(text: str, scope: Mapping[str, Any]) -> Any:
    """A text with its `${…}` filled in; one that is nothing else keeps its type."""
    whole = _TEMPLATE.fullmatch(text)
    if whole:
        return search(whole[1], scope)
    return _TEMPLATE.sub(lambda found: str(search(found[1], scope)), text)


def search(path: str, scope: Mapping[str, Any]) -> Any:
    """What a JMESPath finds. Raises NoValue where that is nothing."""
    try:
        found = jmespath.search(path, scope)
    except JMESPathError as wrong:
        raise NoValue(f"${{{path}}}: {wrong}") from None
    if found is None:
        raise NoValue(f"${{{path}}} is nothing here; there is {', '.join(sorted(scope))}")
    return found


def find(path: str, value: Any) -> Any:
    """What a JMESPath finds in an answer; None where that is nothing. Raises NoValue for a path
    that is none."""
    try:
        return jmespath.search(path, value)
    except JMESPathError as wrong:
        raise NoValue(f"{path}: {wrong}") from None


def same(wanted: Any, found: Any) -> bool:
    """Whether an answer has what was wanted: numbers by value, objects by the keys wanted."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(key in found and same(one, found[key]) for key, one in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(same, wanted, found))
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    return bool(wanted == found)
