"""YAML into structs: what is unknown or wrong is refused with its place and the nearest word.

A `Block` is a mapping whose keys are all known. Where one of several blocks may stand, and its own
first key says which (a step, a law), the reader is given the choices as `named`.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from inspect import cleandoc
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from simulator.base.errors import ConfigError
from simulator.base.source import Path_, Source, parse


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping whose keys are all known."""


B = TypeVar("B", bound=Block)

Named = Mapping[Any, tuple[str, Mapping[str, type[Block]]]]
"""A base block → what it is called, and key → the block that this key says it is."""


def scalar(kind: str, text: str, place: str) -> Any:
    """YAML's numbers, exactly; dates stay text. (`base.source.ReadScalar`)"""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    if kind == "int" and re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"-?[0-9]+\.[0-9]+", text):
        return Decimal(text)
    if kind in ("int", "float"):
        raise ConfigError(f"{place}: {text[:40]!r} is a number; write it as plain digits, like 2.5")
    if kind in ("str", "timestamp"):
        return text
    raise ConfigError(f"{place}: {text[:40]!r} is a {kind}; there are texts and numbers here")


class BlockSource(Source):
    """A file that people write: errors tell the column too."""

    columns = True


def read_block(
    text: str, name: str, kind: type[B], top: str, named: Named | None = None
) -> tuple[B, BlockSource]:
    """A whole text as one block, and where each part of it stands; `top` says what it has to be.

    Raises ConfigError with file, line and column.
    """
    data, marks = parse(text, name, scalar, top)
    return of_source(BlockSource(name, data, marks), kind, named)


def of_source(
    source: BlockSource, kind: type[B], named: Named | None = None
) -> tuple[B, BlockSource]:
    """The same, of a source that has been parsed."""
    found = BlockReader(source, named).read(kind, source.data)
    if not isinstance(found, kind):  # by the type that was asked for
        raise TypeError(found)
    return found, source


def schemas_of(
    kinds: Iterable[type], hook: Callable[[type], dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The JSON Schemas of structs and of whatever is in them, by name; `hook` has those of types
    that msgspec does not know. A docstring loses its indentation, which Python keeps up to 3.12."""
    _, parts = msgspec.json.schema_components(kinds, schema_hook=hook)
    return {
        name: {**part, "description": cleandoc(part["description"])}
        if "description" in part
        else part
        for name, part in parts.items()
    }


class BlockReader:
    """Reads the parts of one source, key by key, so that each error has its place."""

    def __init__(self, source: Source, named: Named | None = None) -> None:
        self._source = source
        self._named: Named = named or {}

    def read(self, kind: Any, value: Any, path: Path_ = ()) -> Any:
        """A value of a type. Raises ConfigError with the place of what is wrong."""
        kind = _bare(kind)
        if not _has_block(kind):
            return self._convert(path, kind, value)
        if kind in self._named:
            return self._one_of(path, *self._named[kind], value)
        if get_origin(kind) is list:
            return self._list(path, get_args(kind)[0], value)
        if get_origin(kind) is dict:
            names, part = get_args(kind)
            return self._names(path, names, part, value)
        return self._block(path, kind, value)

    def _list(self, path: Path_, part: Any, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self._source.wrong(path, "is a list: each part begins with `- `")
        return [self.read(part, one, (*path, at)) for at, one in enumerate(value)]

    def _names(self, path: Path_, names: Any, part: Any, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._source.wrong(path, "is a mapping of names")
        for name in value:
            self._convert((*path, name), names, name)
        return {name: self.read(part, one, (*path, name)) for name, one in value.items()}

    def _convert(self, path: Path_, kind: Any, value: Any) -> Any:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as wrong:
            words = [word for word in _literals(kind) if isinstance(value, str)]
            near = difflib.get_close_matches(str(value), words, n=1)
            hint = f"; it is one of {', '.join(words)}" if words else ""
            hint += f"; did you mean {near[0]!r}?" if near else ""
            hint += f"; write it as {' or '.join(shown)}" if (shown := _examples(kind)) else ""
            said = str(wrong).partition(" - at `$")[0]
            raise self._source.wrong(path, f"{said[:1].lower()}{said[1:]}{hint}") from None

    def _one_of(self, path: Path_, what: str, kinds: Mapping[str, type[Block]], value: Any) -> Any:
        """A step or a law: the first of its keys that names one says which."""
        if not isinstance(value, dict):
            raise self._source.wrong(
                path, f"a {what} is a mapping such as `{next(iter(kinds))}: …`"
            )
        for key in value:
            if key in kinds:
                return self._block(path, kinds[key], value)
        key = next(iter(value), "")
        raise self._source.wrong((*path, key) if key else path, _unknown(key, list(kinds), what))

    def _block(self, path: Path_, kind: type[Block], value: Any) -> Block:
        if not isinstance(value, dict):
            name = kind.__name__.lower()
            said = f"is a mapping of keys ({name}), not {str(value)[:40]!r}"
            raise self._source.wrong(path, said)
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for key in value:
            if key not in fields:
                raise self._source.wrong((*path, key), _unknown(key, list(fields), "key"))
        for name, field in fields.items():
            if field.required and name not in value:
                raise self._source.wrong(path, f"{name} is missing")
        given = {
            fields[key].name: self.read(fields[key].type, one, (*path, key))
            for key, one in value.items()
        }
        return kind(**given)


def _bare(kind: Any) -> Any:
    """A type that holds blocks, without what is said about it and without its None."""
    if not _has_block(kind):
        return kind
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if get_origin(kind) in (Union, UnionType):
        return next(part for part in get_args(kind) if _has_block(part))
    return kind


def _unknown(word: str, choices: list[str], what: str) -> str:
    near = difflib.get_close_matches(word, choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"there is no {what} {word[:80]!r} here, only {', '.join(choices)}{hint}"


def _has_block(kind: Any) -> bool:
    if isinstance(kind, type) and get_origin(kind) is None:
        return issubclass(kind, Block)
    return any(_has_block(part) for part in get_args(kind))


def _examples(kind: Any) -> list[str]:
    """What a text of a certain form looks like."""
    for part in getattr(kind, "__metadata__", ()):
        if isinstance(part, msgspec.Meta) and part.examples:
            return [str(one) for one in part.examples]
    return [one for part in get_args(kind) for one in _examples(part)]


def _literals(kind: Any) -> list[str]:
    parts = get_args(kind)
    if hasattr(kind, "__metadata__"):
        return _literals(kind.__origin__)
    if parts and all(isinstance(part, str) for part in parts):
        return list(parts)
    return [word for part in parts for word in _literals(part)]
