"""A scenario file, read: every unknown key and wrong value is refused with file, line, column and
the nearest word (SBX-07)."""

import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from simulator.base.errors import ConfigError
from simulator.base.source import Path_, Source, parse
from simulator.scenarios.document import Scenario
from simulator.scenarios.laws import LAWS, Law
from simulator.scenarios.steps import STEPS, Block, Step

SCHEMA_LINE = "# yaml-language-server: $schema="
"""An editor completes a file that begins with it."""


class ScenarioSource(Source):
    """A scenario's file."""

    columns = True


def read_file(path: Path) -> tuple[Scenario, ScenarioSource]:
    """Raises ConfigError with the place of what is wrong."""
    try:
        return read_text(path.read_text("utf-8"), str(path))
    except OSError as wrong:
        raise ConfigError(f"{path}: cannot be read ({wrong.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8") from None


def read_text(text: str, name: str) -> tuple[Scenario, ScenarioSource]:
    """The same, from text."""
    top = "a scenario is a mapping of keys such as scenario, why and steps"
    data, marks = parse(text, name, _scalar, top)
    return read_data(ScenarioSource(name, data, marks))


def read_data(source: ScenarioSource) -> tuple[Scenario, ScenarioSource]:
    """The same, from data."""
    found = _read(source, (), Scenario, source.data)
    if not isinstance(found, Scenario):  # by the type that was asked for
        raise TypeError(found)
    return found, source


def _scalar(kind: str, text: str, place: str) -> Any:
    """YAML's numbers, exactly; dates stay text."""
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
    raise ConfigError(f"{place}: {text[:40]!r} is a {kind}; a scenario has texts and numbers")


def _read(source: Source, path: Path_, kind: Any, value: Any) -> Any:
    """A value of a type; blocks are read key by key, so that each error has its place."""
    kind = _bare(kind)
    if not _has_block(kind):
        return _convert(source, path, kind, value)
    if kind is Step:
        return _read_named(source, path, STEPS, "step", value)
    if kind is Law:
        return _read_named(source, path, LAWS, "law", value)
    if get_origin(kind) is list:
        return _read_list(source, path, get_args(kind)[0], value)
    if get_origin(kind) is dict:
        names, part = get_args(kind)
        return _read_names(source, path, (names, part), value)
    return _read_block(source, path, kind, value)


def _bare(kind: Any) -> Any:
    """A type that holds blocks, without what is said about it and without its None."""
    if not _has_block(kind):
        return kind
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if get_origin(kind) in (Union, UnionType):
        return next(part for part in get_args(kind) if _has_block(part))
    return kind


def _read_list(source: Source, path: Path_, part: Any, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise source.wrong(path, "is a list: each part begins with `- `")
    return [_read(source, (*path, at), part, one) for at, one in enumerate(value)]


def _read_names(source: Source, path: Path_, kinds: tuple[Any, Any], value: Any) -> dict[str, Any]:
    names, part = kinds
    if not isinstance(value, dict):
        raise source.wrong(path, "is a mapping of names")
    for name in value:
        _convert(source, (*path, name), names, name)
    return {name: _read(source, (*path, name), part, one) for name, one in value.items()}


def _convert(source: Source, path: Path_, kind: Any, value: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as wrong:
        words = [word for word in _literals(kind) if isinstance(value, str)]
        near = difflib.get_close_matches(str(value), words, n=1)
        hint = f"; it is one of {', '.join(words)}" if words else ""
        hint += f"; did you mean {near[0]!r}?" if near else ""
        said = str(wrong).partition(" - at `$")[0]
        raise source.wrong(path, f"{said[:1].lower()}{said[1:]}{hint}") from None


def _read_named(
    source: Source, path: Path_, kinds: Mapping[str, type[Block]], what: str, value: Any
) -> Any:
    """A step or a law: the first of its keys that names one says which."""
    if not isinstance(value, dict):
        raise source.wrong(path, f"a {what} is a mapping such as `{next(iter(kinds))}: …`")
    for key in value:
        if key in kinds:
            return _read_block(source, path, kinds[key], value)
    key = next(iter(value), "")
    raise source.wrong((*path, key) if key else path, _unknown(key, list(kinds), what))


def _read_block(source: Source, path: Path_, kind: type[Block], value: Any) -> Block:
    if not isinstance(value, dict):
        name = kind.__name__.lower()
        raise source.wrong(path, f"is a mapping of keys ({name}), not {str(value)[:40]!r}")
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in value:
        if key not in fields:
            raise source.wrong((*path, key), _unknown(key, list(fields), "key"))
    for name, field in fields.items():
        if field.required and name not in value:
            raise source.wrong(path, f"{name} is missing")
    given = {
        fields[key].name: _read(source, (*path, key), fields[key].type, one)
        for key, one in value.items()
    }
    return kind(**given)


def _unknown(word: str, choices: list[str], what: str) -> str:
    near = difflib.get_close_matches(word, choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"there is no {what} {word[:80]!r} here, only {', '.join(choices)}{hint}"


def _has_block(kind: Any) -> bool:
    if isinstance(kind, type) and get_origin(kind) is None:
        return issubclass(kind, Block)
    return any(_has_block(part) for part in get_args(kind))


def _literals(kind: Any) -> list[str]:
    parts = get_args(kind)
    if hasattr(kind, "__metadata__"):
        return _literals(kind.__origin__)
    if parts and all(isinstance(part, str) for part in parts):
        return list(parts)
    return [word for part in parts for word in _literals(part)]
