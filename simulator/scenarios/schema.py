"""The published JSON Schema of a scenario, made of the structs that read one (SBX-07)."""

import json
from collections.abc import Mapping
from typing import Any

from simulator.base.blocks import Block, schemas_of
from simulator.scenarios.document import Scenario
from simulator.scenarios.laws import LAWS, Law
from simulator.scenarios.steps import STEPS, Step

PATH = "scenario.schema.json"
"""Its file in contracts/."""


def schema() -> dict[str, Any]:
    """The whole document, JSON Schema 2020-12."""
    kinds: list[type[Block]] = [Scenario, *STEPS.values(), *LAWS.values()]
    parts = schemas_of(kinds)
    parts[Step.__name__] = _one_of(STEPS, "What is done: its first key says what.")
    parts[Law.__name__] = _one_of(LAWS, "What must hold: its first key says what.")
    top = parts.pop(Scenario.__name__)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of playmoney",
        **{key: value for key, value in top.items() if key != "title"},
        "$defs": dict(sorted(parts.items())),
    }


def written() -> str:
    """The schema as the file has it."""
    return json.dumps(schema(), indent=2) + "\n"


def _one_of(kinds: Mapping[str, type[Block]], description: str) -> dict[str, Any]:
    """By the key that says which; so an editor completes the rest."""
    return {
        "description": description,
        "anyOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds.values()],
    }
