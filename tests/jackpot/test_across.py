"""Pools against wallet and ledger (JP-52): every mismatch between the parties is found and named,
none is found where there is none, and bets that the wallet does not know are listed apart."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from simulator.server.across import ASIDE, PAID, STAKED, UNDONE
from simulator.settings import Target
from simulator.wire.calls import Call, Reply
from simulator.wire.control import Reconciliation
from tests.jackpot.tools import Hall, hall, pool
from tests.ledger.forged import unguarded
from tests.play.tools import Send

MISMATCHES: Mapping[str, tuple[str, str, str, str]] = {
    "the wallet lost a payment": (
        "wallet",
        (
            "DELETE FROM txn WHERE reason = 'jackpot' AND n = (SELECT min(n) FROM txn"
            " WHERE reason = 'jackpot')"
        ),
        PAID,
        "nothing was paid",
    ),
    "the wallet paid another amount": (
        "wallet",
        "UPDATE txn SET amount = amount + 1 WHERE reason = 'jackpot'",
        PAID,
        "owed is",
    ),
    "the wallet paid somebody else": (
        "wallet",
        "UPDATE txn SET player_id = 'p_poor' WHERE reason = 'jackpot'",
        PAID,
        "to p_poor; owed is",
    ),
    "the wallet paid in another currency": (
        "wallet",
        "UPDATE txn SET currency = 'GBP' WHERE reason = 'jackpot'",
        PAID,
        "GBP to p_19f3; owed is",
    ),
    "the wallet took a payment back": (
        "wallet",
        (
            "UPDATE txn SET status = 'rolled_back', closed_op = op, closed_ns = at_ns"
            " WHERE reason = 'jackpot'"
        ),
        PAID,
        "and then rolled_back",
    ),
    "the wallet paid what nobody owes": (
        "wallet",
        "UPDATE txn SET transaction_id = 'jpp_none' WHERE reason = 'jackpot'",
        PAID,
        "nobody owes it",
    ),
    "the ledger moved another amount": (
        "wallet",
        (
            "UPDATE move SET amount = amount + 1 WHERE n = (SELECT cash_move FROM txn"
            " WHERE reason = 'jackpot')"
        ),
        PAID,
        "its ledger moved",
    ),
    "the ledger moved it elsewhere": (
        "wallet",
        (
            "UPDATE move SET credit = debit WHERE n = (SELECT cash_move FROM txn"
            " WHERE reason = 'jackpot')"
        ),
        PAID,
        "its ledger moved",
    ),
    "the ledger moved nothing": (
        "wallet",
        "UPDATE txn SET cash_move = NULL WHERE reason = 'jackpot'",
        PAID,
        "its ledger moved nothing",
    ),
    "the service forgot that it paid": (
        "jackpot",
        "UPDATE jp_payout SET status = 'parked', reason = 'AML', ended_ns = NULL",
        PAID,
        "it is parked",
    ),
    "the service took a payment for its own": (
        "jackpot",
        "UPDATE jp_payout SET jp_payout_id = 'jpp_other'",
        PAID,
        "nothing was paid",
    ),
    "the wallet holds for nobody": (
        "wallet",
        "UPDATE set_aside SET jp_payout_id = 'jpp_none'",
        ASIDE,
        "nobody asked",
    ),
    "the wallet forgot what it holds": (
        "wallet",
        "DELETE FROM set_aside",
        ASIDE,
        "the wallet has none",
    ),
    "the wallet holds another amount": (
        "wallet",
        "UPDATE set_aside SET amount = amount + 1, status = 'held', closed_op = NULL",
        ASIDE,
        "the wallet holds",
    ),
    "the wallet let go what it has paid": (
        "wallet",
        "UPDATE set_aside SET status = 'released'",
        ASIDE,
        "is credited; the wallet has it released",
    ),
    "the service let go what is paid": (
        "jackpot",
        "UPDATE jp_payout SET set_aside = 'let_go'",
        ASIDE,
        "was let go; the wallet has paid it",
    ),
    "a contribution of another stake": (
        "jackpot",
        "UPDATE jp_contribution SET stake = stake + 100 WHERE bet_id = 'won'",
        STAKED,
        "of 3.00 EUR by p_19f3; bet won was 2.00 EUR",
    ),
    "a contribution of another player": (
        "jackpot",
        "UPDATE jp_contribution SET player_id = 'p_poor' WHERE bet_id = 'debited'",
        STAKED,
        "by p_poor; bet debited was",
    ),
    "a bet of another currency": (
        "wallet",
        "UPDATE bet SET currency = 'GBP' WHERE bet_id = 'won'",
        STAKED,
        "bet won was 2.00 GBP",
    ),
    "a bet that was rolled back long ago": (
        "wallet",
        (
            "UPDATE bet SET status = 'rolled_back', win = NULL, settlement_id = NULL,"
            " closed_ns = closed_ns - 301000000000 WHERE bet_id = 'won'"
        ),
        UNDONE,
        "stands; bet won was rolled back",
    ),
}
"""What went wrong → in whose rows, how, the law that it breaks, and a part of what is said."""


async def play(house: Hall) -> None:
    """Bets by both APIs of the wallet, each with its part in a pool; one won it; one was rolled
    back and its contribution reversed; one more is of a bet that the wallet does not know."""
    box = house.box
    session = await box.session()
    await house.open(pool("p", sets_aside=True))
    for bet in ("won", "back"):
        assert (await box.authorize(session, bet, 2, round_id=f"r-{bet}")).status == 200
    assert (await box.settle("won", 0, round_id="r-won")).status == 200
    debit = {
        "transaction_id": "debited",
        "session_id": session,
        "player_id": "p_19f3",
        "round_id": "r-debited",
        "game_id": "studio:slot_forge_02",
        "amount": {"amount": 2, "currency": "EUR"},
    }
    got = await box.call("POST", "/v1/wallet/debit", debit)
    assert got.status < 300, got.body
    for bet in ("won", "debited", "back", "strange"):
        got = await house.contribute("p", name=bet, bet_id=bet)
        assert got.status == 201, got.body
    assert (await box.rollback("back", round_id="r-back")).status == 200
    assert (await house.reverse("back")).status == 200
    assert (await house.trigger("won", "p")).status == 201
    await house.settled()


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which it was played."""
    folder = tmp_path_factory.mktemp("across")

    async def main() -> None:
        async with hall(folder) as house:
            await play(house)

    asyncio.run(main())
    return folder


@pytest.fixture
def folder(played: Path, tmp_path: Path) -> Path:
    """A copy of it, to do something to."""
    return Path(shutil.copytree(played, tmp_path / "world"))


async def reconciled(house: Hall) -> Any:
    """What the control API says of all books."""
    return (await house.box.admin("GET", "/reconcile")).json


async def test_clean_books_have_no_break() -> None:
    """Both kinds of bets are found; the strange one is listed, and is no break."""
    async with hall() as house:
        await play(house)
        found = await reconciled(house)
        assert (found["sound"], found["breaks"]) == (True, [])
        checked = found["checked"]
        assert checked["across.payouts"] == checked["across.paid"] == 1
        assert checked["across.contributions"] == 4
        assert checked["across.unmatched"] == 1
        (one,) = found["unmatched"]
        assert (one["jp_contrib_id"], one["bet_id"]) == ("c-strange", "strange")


@pytest.mark.parametrize("what", MISMATCHES)
async def test_every_mismatch_is_found(what: str, folder: Path) -> None:
    """Whichever side says something else, the comparison names it."""
    party, statement, law, says = MISMATCHES[what]
    with unguarded(folder / f"{party}.db") as connection:
        connection.execute(statement)
        assert connection.changes() > 0
    async with hall(folder) as house:
        found = await reconciled(house)
        assert not found["sound"]
        told = [one["message"] for one in found["breaks"] if one["law"] == law]
        assert any(says in message for message in told), found["breaks"]


async def test_a_payment_made_twice_is_found(folder: Path) -> None:
    """Two rows of the wallet for one payout."""
    with unguarded(folder / "wallet.db") as connection:
        columns = ", ".join(
            name
            for _, name, *_ in connection.execute("PRAGMA table_info(txn)")
            if name not in ("k", "n", "scope", "cash_move")
        )
        connection.execute(
            f"INSERT INTO txn (k, scope, {columns}) SELECT zeroblob(16), 'again', {columns}"
            " FROM txn WHERE reason = 'jackpot'"
        )
    async with hall(folder) as house:
        told = [one["message"] for one in (await reconciled(house))["breaks"]]
        assert "was paid 2 times" in told


async def test_what_is_on_its_way_is_no_break() -> None:
    """A payout whose answer has not come yet, and a bet that was rolled back a moment ago, are no
    breaks; five minutes later the contribution that stands is one (WAL-96)."""
    async with hall() as house:
        await play(house)
        session = await house.box.session()
        await house.box.authorize(session, "late", 2, round_id="r-late")
        await house.contribute("p", name="late", bet_id="late")
        await house.box.rollback("late", round_id="r-late")
        assert (await reconciled(house))["sound"]
        await house.later(301_000)
        (broken,) = (await reconciled(house))["breaks"]
        assert (broken["party"], broken["law"]) == ("jackpot", UNDONE)
        assert (await house.reverse("late")).status == 200
        assert (await reconciled(house))["sound"]


async def test_a_parked_payout_is_no_break() -> None:
    """Nothing was paid, and nobody says that it was."""
    async with hall() as house:
        await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "AML"})
        await play(house)
        found = await reconciled(house)
        assert found["sound"]
        assert (found["checked"]["across.payouts"], found["checked"]["across.paid"]) == (1, 0)


async def test_what_is_let_go_is_given_back_in_time() -> None:
    """The wallet that is told to let go turns the call away for good: for five minutes it may be on
    its way, and then it is a break (JP-13)."""

    async def stopped(send: Send, call: Call) -> Reply:
        await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "RG"})
        reply: Reply = await send(call)
        return reply

    no = b'{"code":"NOT_FOUND","message":"no","retryable":false,"trace_id":"t"}'

    async def never(_send: Send, _call: Call) -> Reply:
        return Reply(status=404, body=no)

    async with hall() as house:
        await house.open(pool("aside", sets_aside=True))
        house.meddle({1: stopped, 2: never})
        await house.contribute("aside", name="a")
        payout_id = (await house.trigger("a", "aside")).json["jp_payout_id"]
        await house.settled()
        assert (await house.decide(payout_id, "forfeit")).status == 200
        await house.settled()
        assert (await reconciled(house))["sound"]
        await house.later(301_000)
        (broken,) = (await reconciled(house))["breaks"]
        assert (broken["law"], broken["where"]) == (ASIDE, f"payout {payout_id}")
        assert "holds it still" in broken["message"]


async def test_somebody_elses_wallet_is_not_compared() -> None:
    """Where the wallet is behind a URL, ours has nothing to say about it."""
    async with hall(targets={"wallet": Target("wallet", "http://127.0.0.1:9")}) as house:
        found = await reconciled(house)
        assert found["sound"]
        assert not [name for name in found["checked"] if name.startswith("across.")]


# On schedule --------------------------------------------------------------------------------------


async def test_books_are_checked_by_themselves(folder: Path) -> None:
    """Each hour of the world's clock, also when it is advanced by hand; what is found is kept."""
    with unguarded(folder / "wallet.db") as connection:
        connection.execute("UPDATE txn SET player_id = 'p_poor' WHERE reason = 'jackpot'")
    async with hall(folder) as house:
        admin = house.box.admin
        state = (await admin("GET", "/reconcile/schedule")).json
        assert state == {"every_s": 0}
        got = await admin("PUT", "/reconcile/schedule", {"every_s": 3600})
        assert (got.status, "last" in got.json) == (200, False)
        await house.later(3_599_000)
        assert "last" not in (await admin("GET", "/reconcile/schedule")).json
        await house.later(2_000)
        state = (await admin("GET", "/reconcile/schedule")).json
        assert state["last"]["sound"] is False
        assert state["last"]["breaks"] > 0
        first = state["last"]["at"]
        await house.later(3_600_000)
        assert (await admin("GET", "/reconcile/schedule")).json["last"]["at"] > first
        assert (await admin("PUT", "/reconcile/schedule", {"every_s": 0})).json["every_s"] == 0
        await asyncio.sleep(0)
        assert house.box.world.timers.next_ns is None


async def test_a_schedule_outlives_a_look_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever went wrong in one of them, the next is at its time (JP-52)."""
    async with hall() as house:
        schedule = house.box.world.schedule
        right, looks = schedule._check, 0

        async def check() -> Reconciliation:
            nonlocal looks
            looks += 1
            if looks == 1:
                raise RuntimeError("a row that nobody can read")
            return await right()

        monkeypatch.setattr(schedule, "_check", check)
        await house.box.admin("PUT", "/reconcile/schedule", {"every_s": 3600})
        for _ in range(2):
            await house.later(3_600_000)
        state = (await house.box.admin("GET", "/reconcile/schedule")).json
        assert looks == 2
        assert state["last"]["sound"]


@pytest.mark.parametrize("every_s", [-1, "1", 1.5, None])
async def test_a_schedule_that_makes_no_sense(every_s: Any) -> None:
    """Bad input says where."""
    async with hall() as house:
        got = await house.box.admin("PUT", "/reconcile/schedule", {"every_s": every_s})
        assert (got.status, got.code) == (400, "VALIDATION_FAILED")
        assert "every_s" in got.json["message"]


async def test_another_services_payouts_are_its_own_business() -> None:
    """A jackpot service of somebody else has the same wallet pay: no debt of ours, and no break."""
    async with hall() as house:
        body = {
            "jp_payout_id": "theirs-1",
            "tenant_id": "brand-42",
            "player_id": "p_19f3",
            "pool_id": "their-pool",
            "amount": {"amount": 5, "currency": "EUR"},
            "meta": {"tax_withheld": False, "tier": "mini"},
            "idempotency_key": "theirs-k1",
        }
        got = await house.box.call("POST", "/v1/wallet/credit", body)
        assert got.status < 300, got.body
        found = await reconciled(house)
        assert found["breaks"] == []
        assert found["checked"]["across.paid"] == 1


async def test_one_party_answers_for_its_own_rows_alone(folder: Path) -> None:
    """SBX-11, JP-52: a payment that nobody owes breaks no law of the wallet's, only one between
    the two; of a party that there is not nothing is said."""
    _, damage, law, _ = MISMATCHES["the wallet paid what nobody owes"]
    with unguarded(folder / "wallet.db") as database:
        database.execute(damage)
    async with hall(folder) as house:
        own = await house.box.admin("GET", "/reconcile?party=wallet")
        assert [one["law"] for one in own.json["breaks"] if one["law"] == law] == []
        assert set(own.json["checked"]) <= {"accounts", "entries", "bets", "transactions"} | {
            "bonuses",
            "events",
        }
        both = await house.box.admin("GET", "/reconcile")
        assert law in [one["law"] for one in both.json["breaks"]]
        wrong = await house.box.admin("GET", "/reconcile?party=bank")
        assert wrong.status == 400
