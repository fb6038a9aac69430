"""Our own adapters, watched: they keep every duty of a caller under each shipped plan (SBX-12)."""

import pytest

from simulator.certify.clients.plan import load, shipped
from simulator.certify.clients.table import names
from tests.broken.clients.judging import journal, told
from tests.certify.clients.shift import Shift


@pytest.mark.parametrize("proof", ["bearer", "hmac"])
@pytest.mark.parametrize("plan_name", sorted(shipped()))
def test_our_adapters_keep_their_duties_under_each_plan(plan_name: str, proof: str) -> None:
    """SBX-09, SBX-12: nothing is broken, most is judged, and every round comes to its end."""
    plan, _ = load(plan_name, names())
    shift = Shift(proof)
    found, ended = told(plan, journal(plan, shift))
    assert {name: one.why for name, one in found.items() if one.verdict == "fail"} == {}
    assert ended.passed >= {"smoke": 13, "standard": 16, "harsh": 16}[plan_name]
    assert sum(shift.ends.values()) == shift.rounds * shift.lanes
    assert shift.ends["settled"] > 15


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(200))
def test_our_adapters_are_never_accused_falsely(seed: int) -> None:
    """The same under two hundred seeds of the hardest plans: what is drawn changes no verdict."""
    for plan_name in ("standard", "harsh"):
        plan, _ = load(plan_name, names())
        found, _ended = told(plan, journal(plan, Shift("hmac" if seed % 2 else "bearer"), seed))
        assert {name: one.why for name, one in found.items() if one.verdict == "fail"} == {}
