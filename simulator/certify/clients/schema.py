"""The published JSON Schema of a plan, made of the structs that read one (SBX-09)."""

import json
from typing import Any

from simulator.base.blocks import schemas_of
from simulator.certify.clients.plan import Plan

PATH = "plan.schema.json"
"""Its file in contracts/."""


def schema() -> dict[str, Any]:
    """The whole document, JSON Schema 2020-12; a rule of chaos has a schema of its own."""
    parts = schemas_of([Plan])
    top = dict(parts[Plan.__name__])
    rules = top["properties"]["chaos"]
    top["properties"] = {
        **top["properties"],
        "chaos": {**rules, "items": {"$ref": "chaos/rule.schema.json"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A plan of playmoney watch",
        **{key: value for key, value in top.items() if key != "title"},
        "$defs": {name: part for name, part in sorted(parts.items()) if name != Plan.__name__},
    }


def written() -> str:
    """The schema as the file has it."""
    return json.dumps(schema(), indent=2) + "\n"
