"""A scenario file, read: every unknown key and wrong value is refused with file, line, column and
the nearest word (SBX-07)."""

from pathlib import Path

from simulator.base.blocks import BlockSource, Named, of_source, read_block
from simulator.scenarios.document import Scenario
from simulator.scenarios.laws import LAWS, Law
from simulator.scenarios.steps import STEPS, Step
from simulator.wire.files import text_of

SCHEMA_LINE = "# yaml-language-server: $schema="
"""An editor completes a file that begins with it."""

TOP = "a scenario is a mapping of keys such as scenario, why and steps"

NAMED: Named = {Step: ("step", STEPS), Law: ("law", LAWS)}


def read_file(path: Path) -> tuple[Scenario, BlockSource]:
    """Raises ConfigError with the place of what is wrong."""
    return read_text(text_of(path), str(path))


def read_text(text: str, name: str) -> tuple[Scenario, BlockSource]:
    """The same, from text."""
    return read_block(text, name, Scenario, TOP, NAMED)


def read_data(source: BlockSource) -> tuple[Scenario, BlockSource]:
    """The same, from data."""
    return of_source(source, Scenario, NAMED)
