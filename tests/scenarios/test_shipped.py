"""Every scenario of scenarios/ holds, and holds again, byte for byte (SBX-07, D3)."""

import hashlib
import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from simulator.chaos.table import FAULTS
from simulator.scenarios.reading import SCHEMA_LINE, read_file
from tests.processes import ROOT
from tests.scenarios.playing import SHIPPED, ended, played


@pytest.fixture(scope="module")
def first() -> dict[str, tuple[str, list[str]]]:
    """File → the hash of its journal, and what failed."""
    return {
        one.file: (one.journal, [one.verdict, *one.failures]) for one in ended(played(*SHIPPED))
    }


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_holds(path: object, first: dict[str, tuple[str, list[str]]]) -> None:
    """Its steps come out as expected, its laws hold, each of its rules has struck."""
    assert first[str(path)][1] == ["pass"]


def test_there_are_enough_and_each_is_short() -> None:
    """At least forty, each with the line that makes editors complete it, and the rules it shows."""
    assert len(SHIPPED) >= 40
    names = set()
    for path in SHIPPED:
        text = path.read_text("utf-8")
        scenario, _ = read_file(path)
        assert text.startswith(f"{SCHEMA_LINE}../contracts/scenario.schema.json\n")
        assert len(text.splitlines()) <= 60
        assert all(re.fullmatch(r"[A-Z]+-\d+", rule) for rule in scenario.rules)
        names.add(scenario.scenario)
    assert len(names) == len(SHIPPED)


def test_together_they_show_every_fault() -> None:
    """Each fault of the table strikes in at least one of them."""
    shown = {rule["fault"] for path in SHIPPED for rule in _rules(read_file(path)[1].data)}
    assert shown == set(FAULTS)


NOT_SHOWN: dict[str, str] = {}
"""Rules of the wallet that no scenario can show, and why: a new one that is none comes in here."""


def test_together_they_show_every_rule_of_the_wallet() -> None:
    """Each rule that a wallet or a jackpot keeps is named by a scenario; one that is not says why
    no scenario can show it, and is not named by one."""
    sections = yaml.safe_load((ROOT / "tests" / "rules.yaml").read_text("utf-8"))
    kept = {rule for rules in sections.values() for rule in rules if rule.startswith("WAL-")}
    named = {rule for path in SHIPPED for rule in read_file(path)[0].rules}
    assert len(kept) > 50
    assert {rule for rule in named if rule.startswith("WAL-")} <= kept
    assert kept - named == NOT_SHOWN.keys()


def test_the_same_bytes_under_another_hash_seed(first: dict[str, tuple[str, list[str]]]) -> None:
    """The journals of another process, with another PYTHONHASHSEED and in another order, are the
    same (D3)."""
    code = (
        "import sys; from pathlib import Path; from tests.scenarios.playing import *\n"
        "from simulator.cli.logs import configure_logs; configure_logs('critical')\n"
        "for one in ended(played(*map(Path, sys.argv[1:]))): print(one.file, one.journal)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, reversed(SHIPPED))],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4242"},
        capture_output=True,
        text=True,
        check=True,
    )
    second = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    assert second == {file: journal for file, (journal, _) in first.items()}
    print("D3", hashlib.sha256("".join(sorted(second.values())).encode()).hexdigest())


def test_another_seed_gives_other_bytes() -> None:
    """The negative control: the hash does look at what was played."""
    path = next(path for path in SHIPPED if path.stem == "chaos-in-every-call")
    journals = [ended(played(path, seed=seed))[0].journal for seed in (1, 2)]
    assert journals[0] != journals[1]


def _rules(data: Any) -> list[Any]:
    found: list[Any] = list(data.get("chaos") or [])
    for step in data["steps"]:
        rule = step.get("chaos_on")
        found += [rule] if isinstance(rule, dict) else []
    return found
