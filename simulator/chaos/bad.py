"""Reading what a person wrote: a wrong word is named with its place and the nearest one."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from simulator.base.errors import ConfigError

T = TypeVar("T")

SHOWN = 30
"""Of a longer list of choices only the nearest is told."""


class BadRule(ConfigError):
    """A rule that cannot be; `field` is the place in it, `why` what is wrong and what would do."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field or "rule"
        super().__init__(f"{self.field}: {why}")
        self.why = why


def no_such(field: str, what: str, word: str, choices: Sequence[str]) -> BadRule:
    """The error for a word that is none of the choices."""
    near = difflib.get_close_matches(word, choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    listed = f"; there are {', '.join(choices)}" if len(choices) <= SHOWN else ""
    return BadRule(field, f"{what} {word[:80]!r}{hint}{listed}")


def require_mapping(field: str, given: Any) -> Mapping[str, Any]:
    """A JSON object. Raises BadRule."""
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise BadRule(field, "has to be an object")
    return given


def read(
    kind: type[T],
    given: Any,
    field: str,
    hook: Callable[[type[Any], Any], Any] | None = None,
) -> T:
    """The typed value of an object: no unknown name, each value one that its field takes.

    Raises BadRule with the field below `field`.
    """
    mapping = require_mapping(field, given)
    kinds = {one.encode_name: one.type for one in _fields(kind)}
    for name, value in mapping.items():
        if name not in kinds:
            raise no_such(_below(field, name), "there is no", name, list(kinds))
        choices = _choices(kinds[name])
        if choices and value is not None and value not in choices:
            raise no_such(_below(field, name), "does not take", str(value), choices)
    try:
        return msgspec.convert(mapping, kind, dec_hook=hook)
    except msgspec.ValidationError as wrong:
        text, _, place = str(wrong).partition(" - at `$")
        path = re.sub(r"\[(?:\.\.\.|\d+)\]", "", place.strip("`")).lstrip(".")
        named, colon, rest = text.partition(": ")
        if colon and named in kinds:  # `__post_init__` names the field itself
            path, text = named, rest
        raise BadRule(_below(field, path) if path else field, text) from None


def _fields(kind: type[Any]) -> Sequence[inspect.Field]:
    found = inspect.type_info(kind)
    if not isinstance(found, inspect.StructType | inspect.DataclassType):
        raise TypeError(f"{kind} has no fields")
    return found.fields


def _choices(kind: inspect.Type) -> list[str]:
    if isinstance(kind, inspect.Metadata):
        return _choices(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [word for one in kind.types for word in _choices(one)]
    return [str(value) for value in kind.values] if isinstance(kind, inspect.LiteralType) else []


def _below(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
