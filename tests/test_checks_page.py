"""The page of checks is current, and no rule is forgotten."""

from simulator.certify.unseen import UNSEEN
from tests.checks_page import PAGE, by_rule, page
from tests.rules_page import RULES


def test_the_page_is_current() -> None:
    """`make docs` was run since a check was changed."""
    assert PAGE.read_text("utf-8") == page()


def test_every_rule_is_asked_for_or_says_who_does() -> None:
    """SBX-21: an honest suite knows what it cannot see."""
    asked = by_rule()
    rules = [rule for section in RULES.values() for rule in section]
    missing = [rule for rule in rules if rule not in asked and rule not in UNSEEN]
    assert not missing
    assert not [rule for rule in UNSEEN if rule in asked]
