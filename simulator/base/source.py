"""YAML as it is written: the data, and the line and column of every key, for errors that say where.

A key given twice and an alias are refused; what a scalar may be is its reader's to say.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import yaml

from simulator.base.errors import ConfigError

Path_ = tuple[str | int, ...]
"""Keys and positions from the top of a document."""

ReadScalar = Callable[[str, str, str], Any]
"""The value of a scalar by its tag (`str`, `int`, `float`, `bool`, `null`, `timestamp`, …), its
text and its place, which goes in front of an error."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML was built with it, in a tenth of the time; the nodes are the same."""


NotYaml = yaml.YAMLError
"""What `plain` raises for a text that is not YAML."""


def plain(text: str | bytes) -> Any:
    """The data of a text alone, for files whose readers tell errors by key. Raises NotYaml."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - one of the two safe loaders


class Mark(NamedTuple):
    """Where something stands; both count from 1."""

    line: int
    column: int


class Source:
    """One file: its data and where each part of it stands."""

    columns = False
    """Whether errors tell the column as well."""

    def __init__(self, name: str, data: Any, marks: Mapping[Path_, Mark]) -> None:
        self.name = name
        self.data = data
        self._marks = marks

    def place(self, path: Path_) -> str:
        """File, line and column of a part, or of the nearest one around it that stands there."""
        while path not in self._marks and path:
            path = path[:-1]
        if path not in self._marks:
            return self.name
        mark = self._marks[path]
        column = f":{mark.column}" if self.columns else ""
        return f"{self.name}:{mark.line}{column}"

    def wrong(self, path: Path_, message: str) -> ConfigError:
        """The error for a part: place, keys, and what would be right."""
        keys = ".".join(str(part) for part in path)
        return ConfigError(f"{self.place(path)}: {keys + ': ' if keys else ''}{message}")


def parse(text: str, name: str, scalar: ReadScalar, top: str) -> tuple[Any, dict[Path_, Mark]]:
    """Data and marks of a text whose top is a mapping (`top` says of what).

    Raises ConfigError with file and line.
    """
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
        raise ConfigError(f"{name}:1: {top}")
    reading = _Reading(name, scalar)
    return reading.value(node, ()), reading.marks


class _Reading:
    """One pass over the nodes of a document."""

    def __init__(self, name: str, scalar: ReadScalar) -> None:
        self.marks: dict[Path_, Mark] = {}
        self._name = name
        self._scalar = scalar

    def value(self, node: yaml.Node, path: Path_) -> Any:
        self.marks.setdefault(path, _mark(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(part, (*path, at)) for at, part in enumerate(node.value)]
        place = f"{self._name}:{self.marks[path].line}: {'.'.join(map(str, path))}"
        return self._scalar(node.tag.rpartition(":")[2], str(node.value), place)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for key_node, part in node.value:
            key = str(key_node.value)
            mark = _mark(key_node)
            if key in value:
                raise ConfigError(
                    f"{self._name}:{mark.line}: {'.'.join(map(str, (*path, key)))}: is given "
                    f"twice, first in line {self.marks[(*path, key)].line}"
                )
            self.marks[(*path, key)] = mark
            value[key] = self.value(part, (*path, key))
        return value


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)
