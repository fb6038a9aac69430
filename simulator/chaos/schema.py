"""The JSON Schema of a rule, made from the faults: for editors, scenarios and docs/faults.md."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from simulator.base.blocks import schemas_of
from simulator.chaos.at import At
from simulator.chaos.fault import Fault
from simulator.chaos.rule import Written
from simulator.chaos.table import FAULTS
from simulator.chaos.when import When

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def rule_schema() -> dict[str, Any]:
    """One rule: every key, every fault with its parameters, nothing else (SBX-06)."""
    definitions = schemas_of([Written, At, When], _hook)
    frame = definitions.pop("Written")
    for name in ("At", "When", "Window"):
        definitions[name]["additionalProperties"] = False
    properties = frame["properties"]
    text = {"type": "string", "minLength": 1}
    properties["at"] = {**properties["at"], "anyOf": [text, {"$ref": "#/$defs/At"}]}
    properties["when"] = {**_said(properties["when"]), "$ref": "#/$defs/When"}
    properties["fault"] = {**_said(properties["fault"]), "enum": list(FAULTS)}
    properties["name"] = {
        **_said(properties["name"]), "type": "string", "pattern": "^[A-Za-z0-9._-]{1,80}$",
    }  # fmt: skip
    properties["ttl_s"] = {
        **_said(properties["ttl_s"]), "type": "integer", "minimum": 1, "maximum": 31_536_000,
    }  # fmt: skip
    properties["why"] = {**_said(properties["why"]), "type": "string"}
    for short in ("attempts", "calls"):
        properties[short] = {
            **_said(properties[short]), "$ref": f"#/$defs/When/properties/{short}",
        }  # fmt: skip
    properties["with"] = {**_said(properties["with"]), "type": "object"}
    return {
        "$schema": DIALECT,
        "title": "A chaos rule of playmoney",
        "type": "object",
        "required": ["fault"],
        "additionalProperties": False,
        "properties": properties,
        "allOf": [_parameters(name, kind) for name, kind in FAULTS.items()],
        "$defs": definitions,
    }


def parameters(kind: type[Fault]) -> Mapping[str, Any]:
    """The parameters of a fault, as JSON Schema properties."""
    found: Mapping[str, Any] = schemas_of([kind], _hook)[kind.__name__].get("properties", {})
    return found


def _parameters(name: str, kind: type[Fault]) -> dict[str, Any]:
    allowed = {
        "type": "object",
        "properties": parameters(kind),
        "additionalProperties": False,
    }
    return {
        "if": {"properties": {"fault": {"const": name}}},
        "then": {"properties": {"with": allowed}},
    }


def _said(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": schema["description"]}


def _hook(kind: type[Any]) -> dict[str, Any]:
    if kind is not Fraction:
        raise NotImplementedError(kind)
    patterns: Sequence[str] = (r"[0-9]+/[1-9][0-9]*", r"0?\.[0-9]+", "[01]")
    return {"type": ["string", "number"], "pattern": f"^({'|'.join(patterns)})$", "maximum": 1}
