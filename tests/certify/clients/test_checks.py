"""The checks of clients: each is known to be killed by, passed by, and shown what it claims."""

from pathlib import Path
from typing import Any, ClassVar

import pytest

from simulator.certify.clients import checks
from simulator.certify.clients.faults import TABLE
from simulator.certify.clients.table import CHECKS
from simulator.chaos.table import FAULTS
from tests.broken.clients.client import Client
from tests.broken.clients.judging import judged
from tests.broken.clients.right import KeepsItsProfile, SignedRight
from tests.broken.clients.table import BROKEN


def test_every_check_is_listed_once_and_named_as_its_file() -> None:
    """A file of `checks/` that the table misses would judge nobody."""
    files = {path.stem for path in Path(str(checks.__file__)).parent.glob("*.py")} - {"__init__"}
    ids = [check.id for check in CHECKS]
    assert len(ids) == len(set(ids))
    named = {one.removeprefix("client.").replace(".", "_").replace("-", "_") for one in ids}
    assert named == files


def test_every_fault_has_its_row() -> None:
    """SBX-19: the table says of every fault what a correct client does, and names checks that there
    are."""
    assert set(TABLE) == set(FAULTS)
    known = {check.id for check in CHECKS}
    assert {name for row in TABLE.values() for name in row.checks} <= known
    assert all(row.does.endswith((".", ")")) for row in TABLE.values())


def test_every_check_has_a_client_that_it_kills() -> None:
    """A check that nobody has failed proves nothing (event.acknowledged: test_events)."""
    killers = {one.killed_by for one in BROKEN}
    assert killers == {check.id for check in CHECKS} - {"client.event.acknowledged"}


class Patient(Client):
    """The reference for longer, under the plan that has it all."""

    plan = "harsh"
    rounds = 18


class PatientByProfile(KeepsItsProfile):
    """With a profile."""

    duties: ClassVar[dict[str, Any]] = {"bet_attempts": 3, "bet_time_out_ms": 5_000}


def test_every_check_is_passed_by_somebody() -> None:
    """What can never come to a verdict would hide behind "inconclusive" for ever."""
    passed: set[str] = set()
    for client in (Patient(), SignedRight(), PatientByProfile()):
        found, _ = judged(client)
        assert not {name: one.why for name, one in found.items() if one.verdict == "fail"}
        passed |= {name for name, one in found.items() if one.verdict == "pass"}
    assert passed == {check.id for check in CHECKS}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_says_what_it_needs(check: Any) -> None:
    """An INCONCLUSIVE has a reason that people can act upon."""
    assert check.needs
    assert check.about.endswith(".")
    assert check.rules
