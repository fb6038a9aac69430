"""The judge is judged: wrong systems are killed by the check meant for them, right ones pass."""

import pytest

from tests.broken.judging import judged
from tests.broken.table import FINE, WRONG, Fine, Wrong

NOT_ASKED = ("is not asked under", "it never came to it")
"""What a verdict says where the profile, or what a client met, leaves nothing to judge."""


@pytest.mark.parametrize("one", WRONG, ids=lambda one: f"{one.role}-{one.name}")
def test_a_wrong_system_is_killed_by_the_check_meant_for_it(one: Wrong) -> None:
    """SBX-08: a verdict "pass" has been tried against a system that breaks just this rule."""
    found, _ = judged(one.make(), one.role, only=[one.killed_by])
    ended = found[one.killed_by]
    assert ended.verdict == "fail", ended.why
    assert ended.exchanges, "a failure shows the exchange"
    assert one.killed_by in ended.replay


@pytest.mark.parametrize("one", FINE, ids=lambda one: f"{one.role}-{one.name}")
def test_a_right_system_that_looks_different_passes(one: Fine) -> None:
    """SBX-08: no false alarm; what a profile does not ask is said to be so."""
    found, ended = judged(one.make(), one.role, profile=one.make.profile, answers=one.make.answers)
    wrong = {
        name: one_ended.why
        for name, one_ended in found.items()
        if one_ended.verdict != "pass" and not one_ended.why.startswith(NOT_ASKED)
    }
    assert not wrong
    assert not ended.could_not
    assert ended.passed
