"""A scenario file, read: every unknown key and wrong value is refused with file, line, column and
the nearest word (SBX-07)."""

from pathlib import Path

from simulator.base.blocks import BlockReader, scalar
from simulator.base.errors import ConfigError
from simulator.base.source import Source, parse
from simulator.scenarios.document import Scenario
from simulator.scenarios.laws import LAWS, Law
from simulator.scenarios.steps import STEPS, Step

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
    data, marks = parse(text, name, scalar, top)
    return read_data(ScenarioSource(name, data, marks))


def read_data(source: ScenarioSource) -> tuple[Scenario, ScenarioSource]:
    """The same, from data."""
    reader = BlockReader(source, {Step: ("step", STEPS), Law: ("law", LAWS)})
    found = reader.read(Scenario, source.data)
    if not isinstance(found, Scenario):  # by the type that was asked for
        raise TypeError(found)
    return found, source
