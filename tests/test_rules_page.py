"""docs/rules.md: every rule that concerns a server has a test that names it, and the page says
which."""

from pathlib import Path

import pytest

from tests.rules_page import PAGE, RULES, named, page, proofs

LATER: dict[str, str] = {}
"""Rules that nothing here can keep or break yet, and why."""


def test_the_page_is_up_to_date() -> None:
    """It is what the tests say now (`make docs` writes it)."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_rule_has_a_test() -> None:
    """All of the list, but for those that wait for what is not there yet; and none of these waits
    in vain."""
    ids = [rule for rules in RULES.values() for rule in rules]
    assert len(ids) == len(set(ids)) == 61
    assert (ids[0], ids[-1]) == ("WAL-01", "WAL-97")
    found = proofs()
    assert {rule for rule in ids if rule not in found} == set(LATER)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Once (WAL-06).", ["WAL-06"]),
        ("(PRV-30, WAL-06, WAL-74)", ["WAL-06", "WAL-74"]),
        ("(WAL-20..22, WAL-42..WAL-43)", ["WAL-20", "WAL-21", "WAL-22", "WAL-42", "WAL-43"]),
        ("a WALL-06 and WAL-6", []),
    ],
)
def test_rules_are_found_in_a_docstring(text: str, ids: list[str]) -> None:
    """One, several, and a range."""
    assert list(named(text)) == ids


def test_only_the_docstring_of_a_test_counts(tmp_path: Path) -> None:
    """The control: not a helper's, not a module's, not a comment; a class's tests do."""
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_some.py").write_text(
        '"""WAL-01"""\n'
        'def helper():\n    """WAL-02"""\n'
        'def test_a():\n    # WAL-03\n    """WAL-04"""\n'
        'class TestB:\n    async def test_c(self):\n        """WAL-04, WAL-05"""\n'
    )
    assert proofs(folder) == {
        "WAL-04": ["tests/test_some.py::test_a", "tests/test_some.py::TestB::test_c"],
        "WAL-05": ["tests/test_some.py::TestB::test_c"],
    }
