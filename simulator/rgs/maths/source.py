"""Game data as it is written: YAML with the line of every key, for errors that say where.

Keys become text and numbers stay whole, so that the data is the same in YAML and in its canonical
JSON. A key given twice, a float, a date or an alias is refused.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from simulator.base.errors import ConfigError

Path_ = tuple[str | int, ...]
"""Keys and positions from the top of a document."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML was built with it, in a tenth of the time; the nodes are the same."""

_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:int"}


class Source:
    """One file: its data and where each part of it stands."""

    def __init__(self, name: str, data: Any, lines: Mapping[Path_, int]) -> None:
        self.name = name
        self.data = data
        self._lines = lines

    def wrong(self, path: Path_, message: str) -> ConfigError:
        """The error for a part: file, line, keys, and what would be right."""
        known = path
        while known not in self._lines and known:
            known = known[:-1]
        line = f":{self._lines[known]}" if known in self._lines else ""
        keys = ".".join(str(part) for part in path)
        return ConfigError(f"{self.name}{line}: {keys + ': ' if keys else ''}{message}")


def read_source(path: Path) -> Source:
    """Read a file. Raises ConfigError where it cannot be read, is not YAML or holds a float."""
    try:
        return parse_source(path.read_text("utf-8"), path.name)
    except OSError as wrong:
        raise ConfigError(f"{path}: cannot be read ({wrong.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name}: is not UTF-8") from None


def parse_source(text: str, name: str) -> Source:
    """The same, from text."""
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent):
                mark = event.start_mark
                where = f"{name}:{mark.line + 1}" if mark else name
                raise ConfigError(f"{where}: *{event.anchor} is an alias; write it out")
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        raise ConfigError(f"{name}:{line}: is not YAML: {wrong.problem}") from None
    except yaml.YAMLError as wrong:
        raise ConfigError(f"{name}: is not YAML: {wrong}") from None
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{name}:1: a game is a mapping of keys such as game_id and kind")
    lines: dict[Path_, int] = {}
    return Source(name, _value(node, (), lines, name), lines)


def _value(node: yaml.Node, path: Path_, lines: dict[Path_, int], name: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, name)
    if isinstance(node, yaml.SequenceNode):
        return [_value(part, (*path, at), lines, name) for at, part in enumerate(node.value)]
    return _scalar(node, f"{name}:{lines[path]}: {'.'.join(map(str, path))}")


def _scalar(node: yaml.Node, place: str) -> int | str:
    text = str(node.value)
    if node.tag not in _TAGS:
        kind = node.tag.rpartition(":")[2]
        raise ConfigError(
            f"{place}: {text[:40]!r} is a {kind}; "
            "game data has whole numbers and text only (write text in quotes)"
        )
    if not node.tag.endswith(":int"):
        return text
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
        raise ConfigError(f"{place}: {text[:40]!r} is a number; write it as plain digits, like 20")
    return int(text)


def _mapping(
    node: yaml.MappingNode, path: Path_, lines: dict[Path_, int], name: str
) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key_node, part in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in value:
            raise ConfigError(
                f"{name}:{line}: {'.'.join(map(str, (*path, key)))}: is given twice, "
                f"first in line {lines[(*path, key)]}"
            )
        lines[(*path, key)] = line
        value[key] = _value(part, (*path, key), lines, name)
    return value
