"""The service's own laws are asked of the world's books: each alone finds what breaks it (SBX-11,
JP-52), and what the schema guards cannot be written at all."""

from decimal import Decimal
from pathlib import Path

import apsw
import pytest

from simulator.jackpot.laws import LAWS
from tests.jackpot.tools import GRAND, Hall, hall, pool
from tests.ledger.forged import unguarded

POOL_LAW, FUNDS, RATE, TICKETS, OWED, ORDER, DRIVEN, WATCHED, REGIONS, TOLD = (
    law.name for law in LAWS
)

BREAKS = {
    POOL_LAW: "UPDATE jp_pool SET size = size + 1 WHERE pool_id = 'p'",
    FUNDS: "UPDATE jp_pool SET reserve = reserve - 1 WHERE pool_id = 'p'",
    RATE: "UPDATE jp_pool SET stakes = stakes + 1 WHERE pool_id = 'p'",
    TICKETS: "UPDATE jp_ticket SET tickets = tickets + 1 WHERE place = '3'",
    OWED: "UPDATE jp_payout SET jp_trigger_id = 'other' WHERE pool_id = 'p'",
    ORDER: "UPDATE jp_trigger SET hit = 3 WHERE pool_id = 'p'",
    DRIVEN: "UPDATE jp_payout SET status = 'due', changed_op = NULL, ended_ns = NULL",
    REGIONS: "UPDATE jp_subpool SET bets = bets + 1",
    WATCHED: "UPDATE jp_watch SET held = held + 1",
    TOLD: "UPDATE op SET topic = 'jp.payout.parked' WHERE topic = 'jp.payout.credited'",
}
"""Law → what breaks it, and it alone."""

MISMATCHES = {
    "a contribution of another amount": (
        "UPDATE jp_contribution SET amount = amount + 1, current = current + 1"
        " WHERE jp_contrib_id = 'c-a'"
    ),
    "a region that holds more of the pool": "UPDATE jp_subpool SET size = size + 1",
    "a lost contribution": "DELETE FROM jp_contribution WHERE jp_contrib_id = 'c-a'",
    "a lost payout": "DELETE FROM jp_payout WHERE pool_id = 'p'",
    "a payout that nothing owes": "UPDATE jp_payout SET jp_trigger_id = 'none'",
    "a payout to somebody else": "UPDATE jp_payout SET player_id = 'p_poor'",
    "a lost trigger": "DELETE FROM jp_trigger",
    "a seeding that nobody has paid": "UPDATE jp_pool SET seed_fund = 0 WHERE pool_id = 'p'",
    "a carried remainder that is gone": "UPDATE jp_pool SET carry = 0 WHERE pool_id = 'p'",
}
"""What goes wrong in real life: whichever law finds it."""


async def play(house: Hall) -> None:
    """A pool with a hit, two contributions that stand, one that came back, a remainder; a timed
    one with three, of which one came back."""
    await house.open(pool("p"))
    assert (await house.contribute(GRAND, name="net")).status == 201
    for name in ("a", "b"):
        assert (await house.contribute("p", name=name)).status == 201
    assert (await house.trigger("a", "p")).status == 201
    for name in ("c", "d"):
        assert (await house.contribute("p", Decimal("4.50"), name=name)).status == 201
    assert (await house.contribute("p", Decimal("0.30"), name="e")).status == 201
    assert (await house.reverse("d")).status == 200
    for name in ("x", "y", "z"):
        assert (await house.contribute("vault-major", name=name)).status == 201
    assert (await house.reverse("y")).status == 200
    await house.require_agreement()


def test_every_law_can_be_broken() -> None:
    """No law is asked that nothing here has tried."""
    assert set(BREAKS) == {law.name for law in LAWS}


@pytest.mark.parametrize("law", BREAKS)
async def test_a_broken_law_is_named(law: str, tmp_path: Path) -> None:
    """With the party whose it is, and no other law is; the audit finds the row as well."""
    async with hall(tmp_path) as house:
        await play(house)
    with unguarded(tmp_path / "jackpot.db") as connection:
        connection.execute(BREAKS[law])
        assert connection.changes() > 0
    async with hall(tmp_path) as house:
        found = (await house.box.admin("GET", "/reconcile")).json
        named = {(broken["party"], broken["law"]) for broken in found["breaks"]}
        assert named == {("jackpot", law)}
        audit = (await house.box.admin("GET", "/audit")).json
        assert audit["first_bad"]["party"] == "jackpot"


@pytest.mark.parametrize("what", MISMATCHES)
async def test_every_mismatch_is_found(what: str, tmp_path: Path) -> None:
    """Whatever row is lost or says something else, the reconciliation is not sound (JP-52)."""
    async with hall(tmp_path) as house:
        await play(house)
    with unguarded(tmp_path / "jackpot.db") as connection:
        connection.execute(MISMATCHES[what])
        assert connection.changes() > 0
    async with hall(tmp_path) as house:
        found = (await house.box.admin("GET", "/reconcile")).json
        assert found["sound"] is False
        assert {broken["party"] for broken in found["breaks"]} == {"jackpot"}


FORBIDDEN = (
    "UPDATE jp_pool SET size = size + 1 WHERE pool_id = 'p'",
    "UPDATE jp_pool SET carry = carry + 1 WHERE pool_id = 'p'",
    "UPDATE jp_contribution SET amount = amount + 1",
    "UPDATE jp_contribution SET status = 'recorded' WHERE status = 'reversed'",
    "UPDATE jp_trigger SET amount = 1",
    "UPDATE jp_payout SET status = 'due'",
    "UPDATE jp_terms SET terms = x'00'",
    "DELETE FROM jp_contribution",
    "DELETE FROM jp_trigger",
    "DELETE FROM jp_payout",
    "DELETE FROM jp_terms",
)


async def test_the_schema_keeps_what_it_can() -> None:
    """The pool law, the parts of a contribution, what has ended: no statement breaks them (WAL-91,
    QLT-05); one that breaks nothing passes: the control."""
    async with hall() as house:
        await play(house)
        writer = house.box.world.parties["jackpot"].writer.unit.database.writer
        for statement in FORBIDDEN:
            with pytest.raises(apsw.ConstraintError):
                writer.execute(statement)
        writer.execute("UPDATE jp_pool SET bets = bets WHERE pool_id = 'p'")
