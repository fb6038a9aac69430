"""Reconciliation finds what is broken: each law alone, in books that are sound otherwise (SBX-11).

The schema forbids most of what is done here by hand, so each case works on a copy of played books
in which its guards are taken away.
"""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import apsw
import pytest

from simulator.ledger.reconcile import BOOK_LAWS, SHOWN_PER_LAW, WITHOUT_A_GAP, reconcile
from simulator.wallet import bonuses, payments
from simulator.wallet.laws import COUNTED, LAWS
from simulator.wire.bonuses import ConsumeBonus
from simulator.wire.control import Reconciliation
from simulator.wire.funds import Deposit, Withdraw
from simulator.wire.messages import Money
from tests.ledger.breaks import ANA, CASES, HOUSE, Case, enter
from tests.ledger.player_breaks import LIMITED, PLAYER_CASES
from tests.ledger.txn_breaks import TXN_CASES, play_transactions
from tests.store.tools import open_database
from tests.support import Sandbox, sandbox
from tests.wallet.tools import decide, grant, set_limit

ALL_CASES = (*CASES, *PLAYER_CASES, *TXN_CASES)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The books of a sandbox in which every kind of thing has happened."""
    folder = tmp_path_factory.mktemp("played")

    async def main() -> None:
        async with sandbox(folder) as box:
            await _play(box)
            await box.require_sound()

    asyncio.run(main())
    return folder / "wallet.db"


async def _play(box: Sandbox) -> None:
    payment = {"payment_id": "pay-1", "amount": {"amount": 5, "currency": "EUR"}}
    got = await box.admin("POST", "/players/p_19f3/fund", payment)
    assert got.status == 200, got.body
    for kind, player in LIMITED.items():
        await set_limit(box, kind, 5000, "day", player)
    who, four = "p_19f3", Money(Decimal(4), "EUR")
    paid_in = Deposit(payment_id="pay-in", player_id=who, amount=four)
    await decide(box, payments.deposit, paid_in)
    paid_out = Withdraw(payment_id="pay-out", player_id=who, amount=four)
    await decide(box, payments.withdraw, paid_out)
    limited = Deposit(payment_id="limited-in", player_id="p_poor", amount=four)
    await decide(box, payments.deposit, limited)
    limited_out = Withdraw(payment_id="limited-out", player_id="p_poor", amount=four)
    await decide(box, payments.withdraw, limited_out)
    session = await box.session()
    for bet in ("won", "lost", "back", "back2", "open"):
        assert (await box.authorize(session, bet, 2)).status == 200
    assert (await box.authorize(session, "free", 0)).status == 200
    assert (await box.authorize(session, "dear", 9999)).status == 422
    wins = {"won": 7, "lost": 0, "free": Decimal("0.5")}
    for bet, win in wins.items():
        assert (await box.settle(bet, win)).status == 200
    for bet in ("back", "back2", "tomb"):
        assert (await box.rollback(bet)).status == 200
    yen = await box.session("p_jpy", "JPY")
    await box.authorize(yen, "yen", 100, currency="JPY", round_id="r-2")
    await box.settle("yen", 3, currency="JPY", round_id="r-2")
    got = await box.call("POST", "/v1/rounds/r-2/close", {"outcome": "completed"})
    assert got.status == 200, got.body
    for bet, amount in (("side", 1), ("side-open", 1)):
        assert (await box.authorize(session, bet, amount, round_id="r-4")).status == 200
    assert (await box.settle("side", 5, round_id="r-4")).status == 200
    await _play_with_a_bonus(box)
    await play_transactions(box)
    for kind, player in LIMITED.items():
        await set_limit(box, kind, 5000, "month", player)


async def _play_with_a_bonus(box: Sandbox) -> None:
    """Stakes of 1.00 and 2.00 cash and of none, each with 2.00 of bonus money."""
    await grant(box, "p_19f3", 1, bonus_id="bonus-old")
    await decide(box, bonuses.consume_bonus, ConsumeBonus(bonus_id="bonus-old"))
    await grant(box, "p_poor", 10)
    session = await box.session("p_poor")
    for bet, amount, win in (("mix-won", 3, 6), ("mix-lost", 4, 0)):
        assert (await box.authorize(session, bet, amount, round_id="r-3")).status == 200
        assert (await box.settle(bet, win, round_id="r-3")).status == 200
    for bet in ("mix-back", "mix-back2"):
        assert (await box.authorize(session, bet, 2, round_id="r-3")).status == 200
        assert (await box.rollback(bet, round_id="r-3")).status == 200
    got = await box.call("POST", "/v1/rounds/r-3/close", {"outcome": "completed"})
    assert got.status == 200, got.body
    assert (await box.authorize(session, "mix-open", 2, round_id="r-5")).status == 200


@contextmanager
def tampered(played: Path, folder: Path) -> Iterator[apsw.Connection]:
    """A copy of the books without triggers, indexes, foreign keys and CHECKs."""
    connection = apsw.Connection(str(shutil.copy(played, folder / "wallet.db")))
    connection.pragma("foreign_keys", 0)
    connection.pragma("ignore_check_constraints", 1)
    guards = connection.execute(
        "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'index') "
        "AND sql IS NOT NULL"
    ).fetchall()
    for kind, name in guards:
        connection.execute(f"DROP {kind} {name}")
    yield connection
    connection.close()


def found_in(folder: Path) -> Reconciliation:
    database = open_database(folder / "wallet.db")
    found = reconcile(database, LAWS, COUNTED)
    database.close()
    return found


def test_played_books_are_sound(played: Path, tmp_path: Path) -> None:
    """Bets won, lost, free, rolled back, open and refused, of cash and of bonus money, a
    tombstone, payments in and out, two currencies, rounds open and closed break nothing; nor does
    taking the guards away."""
    with tampered(played, tmp_path):
        pass
    found = found_in(tmp_path)
    assert found.sound
    assert found.breaks == []
    assert found.checked["bets"] == 15
    assert found.checked["entries"] > 40
    assert found.checked["accounts"] > 0
    assert found.checked["events"] > 0


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: f"{case.law}: {case.name}")
def test_a_broken_law_is_named(case: Case, played: Path, tmp_path: Path) -> None:
    """Exactly this law is named, with the place where it is broken."""
    with tampered(played, tmp_path) as connection:
        before = connection.total_changes()
        for statement in case.statements:
            connection.execute(statement)
        assert connection.total_changes() - before >= len(case.statements), "nothing was broken"
    found = found_in(tmp_path)
    assert not found.sound
    assert {(broken.law, broken.where.startswith(case.where)) for broken in found.breaks} == {
        (case.law, True)
    }


def test_every_law_has_a_case() -> None:
    """A law that nobody has seen broken is a law that may never say anything."""
    names = [law.name for law in (*BOOK_LAWS, WITHOUT_A_GAP, *LAWS)]
    assert len(set(names)) == len(names)
    assert {case.law for case in ALL_CASES} == set(names)


def test_many_breaks_are_counted_and_not_all_shown(played: Path, tmp_path: Path) -> None:
    """A book that is broken throughout gives a page of findings and says how many there are."""
    with tampered(played, tmp_path) as connection:
        for _ in range(SHOWN_PER_LAW + 7):
            connection.execute(enter("hold", ANA, HOUSE))
    found = found_in(tmp_path)
    assert len(found.breaks) == SHOWN_PER_LAW + 1
    assert {broken.law for broken in found.breaks} == {"every hold belongs to a bet"}
    assert found.breaks[-1].message == "and 7 more"


async def test_the_control_api_tells_what_is_broken() -> None:
    """`GET /__admin/reconcile` answers the same: sound or not, and each broken law by its name."""
    async with sandbox() as box:
        await _play(box)
        box.world.parties["wallet"].writer.unit.database.writer.execute(
            "UPDATE round SET bets = bets + 1 WHERE round_id = 'r-1'"
        )
        got = (await box.admin("GET", "/reconcile")).json
    assert got["sound"] is False
    assert [(each["law"], each["where"]) for each in got["breaks"]] == [
        ("a round's sums are those of its bets", "round r-1")
    ]
