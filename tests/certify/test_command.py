"""What the command itself is given: what makes no sense is said before anything is asked."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.base.errors import ConfigError
from simulator.certify.checks.table import CHECKS
from simulator.certify.clauses import CLAUSES
from simulator.certify.config import TEST_WORLD
from simulator.certify.money import NotMoney, read_amount
from simulator.certify.profile import Profile
from simulator.certify.reading import parse
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.asgi import AsgiWire
from simulator.cli.certify import certify
from simulator.reports.verdicts import happenings as h
from tests.broken.wallets.right import Reference

NOBODY = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "wallet.debit.onc"], "did you mean wallet.debit.once?"),
        (["--only", "wallet.debit.once", "--only", "platform.bet.once"], "platform.bet.once"),
        (["--only", ""], "--only : no check"),
        (["--run", "a b"], "--run a b: has 1 to 24 letters"),
        (["--run", "x" * 25], "has 1 to 24 letters"),
        (["--junit", "none/out.xml"], "none/out.xml: cannot be written (there is no folder none)"),
        (["--html", "none/out.html"], "none/out.html: cannot be written"),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_call(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SBX-08: a wrong word, run or file is named at once, and not after all has been asked."""
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(certify, ["wallet", "--target", NOBODY, *words])
    assert isinstance(ended.exception, ConfigError)
    assert said in str(ended.exception)
    assert not ended.output


def test_init_into_no_folder_is_refused(tmp_path: Path) -> None:
    """SBX-08: what cannot be written is said, without a traceback."""
    ended = CliRunner().invoke(certify, ["init", str(tmp_path / "none" / "certify.yaml")])
    assert isinstance(ended.exception, ConfigError)
    assert "cannot be written" in str(ended.exception)


def notes_of(app: Reference, *, named: bool) -> list[str]:
    async def main() -> list[str]:
        target = Target(AsgiWire(app), TEST_WORLD, Profile(), 7, "used")
        checks = chosen(CHECKS, "wallet", "smoke", ["wallet.debit.repeat", "wallet.debit.new-key"])
        order = Order(
            role="wallet",
            target="http://toy",
            suite="smoke",
            checks=checks,
            replay="again",
            named=named,
        )
        ends = [one async for one in run(order, target) if isinstance(one, h.SuiteEnded)]
        return ends[0].notes

    return asyncio.run(main())


def test_a_run_that_the_target_has_met_is_said_to_be_one() -> None:
    """SBX-08: keys of an earlier run that the target rightly remembers are no riddle."""
    app = Reference()
    assert notes_of(app, named=True) == []
    (said,) = notes_of(app, named=True)
    assert "may have met run used before" in said
    assert notes_of(app, named=False) == []


@pytest.mark.parametrize("amount", ["1e99999", "1e-99999", "1" + "0" * 4000, "9" * 200 + ".01"])
def test_an_amount_out_of_this_world_is_no_money(amount: str) -> None:
    """PRV-03: it is said to be none, and is not computed with."""
    with pytest.raises(NotMoney, match="larger or finer than any money"):
        read_amount(parse(amount.encode()), "EUR", "decimal_number")


def test_every_clause_that_a_check_names_has_a_heading() -> None:
    """A report names a clause of GLI-19 by number and heading, and none that is only a number."""
    assert {number for check in CHECKS for number in check.clauses} == set(CLAUSES)
