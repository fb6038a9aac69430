"""docs/faults.md and the schema of a rule are what the faults say (SBX-06)."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from simulator.chaos import faults
from simulator.chaos.bad import BadRule
from simulator.chaos.fault import Fault
from simulator.chaos.rule import read_rule
from simulator.chaos.schema import parameters, rule_schema
from simulator.chaos.table import FAULTS
from tests.faults_page import PAGE, SCHEMA, page, schema
from tests.support import sandbox


def test_the_page_and_the_schema_are_up_to_date() -> None:
    """They are what the code says now (`make docs` writes them)."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
    assert SCHEMA.read_text(encoding="utf-8") == schema(), "run `make docs`"


def test_every_fault_has_a_file_a_line_and_a_page() -> None:
    """A file of `faults/` that the table misses, or a name that is not its file's, would be a fault
    that nobody can find."""
    files = {path.stem for path in Path(str(faults.__file__)).parent.glob("*.py")} - {"__init__"}
    assert set(FAULTS) == files
    text = page()
    for name, kind in FAULTS.items():
        assert kind.__module__ == f"simulator.chaos.faults.{name}"
        assert f"### {name}\n" in text
        assert kind.__doc__
        assert not kind.__doc__.startswith(kind.__name__ + "(")  # dataclass's own


@pytest.mark.parametrize("kind", FAULTS.values(), ids=FAULTS)
def test_every_parameter_is_described_and_has_a_default(kind: type[Fault]) -> None:
    """A fault alone is a rule already, and each of its keys has a sentence on the page."""
    kind()
    found = parameters(kind)
    assert list(found) == [field.name for field in fields(kind)]  # type: ignore[arg-type]  # every one is a dataclass
    assert all(one["description"].endswith(".") for one in found.values())


RULES: list[tuple[dict[str, Any], bool]] = [
    ({"fault": "reset"}, True),
    ({"fault": "latency", "at": "wallet", "with": {"ms": 3}, "attempts": [1]}, True),
    ({"fault": "latency", "at": {"player": "p_*"}, "when": {"probability": "3/10"}}, True),
    ({"fault": "latency", "when": {"probability": "0.25", "window": {"until_ms": 5}}}, True),
    ({"fault": "latncy"}, False),
    ({"at": "wallet"}, False),
    ({"fault": "latency", "with": {"moment": "mid_body"}}, False),
    ({"fault": "latency", "when": {"probability": "30%"}}, False),
    ({"fault": "latency", "when": {"attempts": [0]}}, False),
    ({"fault": "latency", "at": {"brnd": "x"}}, False),
    ({"fault": "latency", "ttl_s": 0}, False),
    ({"fault": "latency", "wiht": {}}, False),
]


@pytest.mark.parametrize(("rule", "good"), RULES, ids=[json.dumps(rule) for rule, _ in RULES])
async def test_schema_and_server_agree(rule: dict[str, Any], *, good: bool) -> None:
    """What an editor marks is what the server refuses, and the other way round."""
    assert jsonschema_rs.Draft202012Validator(rule_schema()).is_valid(rule) is good
    async with sandbox() as box:
        places = box.world.chaos.places.values()
        if good:
            read_rule(rule, places)
        else:
            with pytest.raises(BadRule):
                read_rule(rule, places)
