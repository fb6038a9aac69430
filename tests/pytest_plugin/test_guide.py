"""docs/pytest.md: its examples run as they stand, and its tables say what there is."""

import re

import pytest

from simulator.certify.checks.table import CHECKS
from simulator.certify.suite import chosen
from simulator.pytest_plugin import Servers, __all__
from simulator.pytest_plugin.lifetime import WORDS
from tests.processes import ROOT
from tests.pytest_plugin.inner import Inner

pytest_plugins = ["pytester"]

GUIDE = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")


def test_its_examples_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, playmoney: Servers
) -> None:
    """All of its Python in one file, as a reader would paste it (SBX-13)."""
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    pytester.makepyfile("\n".join(blocks))
    smoke = len(chosen(CHECKS, "wallet", "smoke", ()))
    Inner(pytester, monkeypatch).run(on=playmoney).assert_outcomes(passed=6 + smoke)


def test_it_names_every_word_and_every_class() -> None:
    """The marker's words, in their order; each public name that a test may need."""
    table = GUIDE.partition("| word |")[2]
    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == WORDS
    inside = {"Answer", "Credentials", "Servers"}
    assert {name for name in __all__ if f"`{name}`" in GUIDE} == set(__all__) - inside
