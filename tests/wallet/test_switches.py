"""What real wallets disagree on, switch by switch; their files are in `test_profiles.py`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from simulator.wallet.profile import REFERENCE
from tests.server.tools import count, require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import eur, grant, pass_time, wallet
from tests.wallet.txns import (
    amounts,
    balance,
    body,
    credit,
    debit,
    money,
    no_money_moves,
    payout,
    reserve,
    rollback,
    send,
    transaction,
)


@pytest.fixture
def switched(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens a sandbox whose profile is the reference but for some switches."""

    @asynccontextmanager
    async def opened(**switches: Any) -> AsyncIterator[Sandbox]:
        made = msgspec.structs.replace(REFERENCE, **switches)
        monkeypatch.setattr("simulator.parties.load_profile", lambda _: made)
        async with wallet() as box:
            yield box

    return opened


@pytest.mark.parametrize(
    ("choice", "status", "code"),
    [("tombstone", 200, ""), ("not_found", 404, "BET_NOT_FOUND"), ("error", 409, "INVALID_STATE")],
)
async def test_unknown_rollback(switched: Any, choice: str, status: int, code: str) -> None:
    """Done with a tombstone that bars the late debit, 404, or an error, and never a 5xx; where it
    was refused the late debit is taken, and the rollback sent again undoes it (WAL-42, WAL-45)."""
    async with switched(unknown_rollback=choice) as box:
        got = await rollback(box, key="k-1")
        assert (got.status, got.code) == (status, code)
        if status == 409:  # of many reasons that this code has
            assert got.json["details"]["reason"] == "unknown_transaction"
        assert count(box, "txn") == (0 if code else 2)
        late = await debit(box)
        assert late.status == (200 if code else 409)
        assert (await rollback(box, key="k-2")).status == 200
        assert (await balance(box))["available"] == eur("1000.00")


@pytest.mark.parametrize(
    ("choice", "status", "code"),
    [("not_found", 404, "BET_NOT_FOUND"), ("error", 409, "INVALID_STATE")],
)
async def test_unknown_rollback_of_a_bet(
    switched: Any, choice: str, status: int, code: str
) -> None:
    """`/v1/bets` keeps the same switch: refused, and the late bet is taken (WAL-45)."""
    async with switched(unknown_rollback=choice) as box:
        require_problem(await box.rollback("b-1"), status, code)
        assert (await box.authorize(await box.session(), "b-1", 2)).status == 200
        assert (await box.rollback("b-1")).status == 200
        assert await box.balance() == (eur("1000.00"), eur("0.00"))


STAKES: dict[str, Callable[[Sandbox, int, str], Awaitable[Got]]] = {
    "bet": lambda box, n, session: box.authorize(session, f"b-{n}", 1),
    "debit": lambda box, n, session: debit(box, f"d-{n}", 1, session_id=session),
    "reserve": lambda box, n, session: reserve(box, f"h-{n}", 1, session_id=session),
}


@pytest.mark.parametrize("stake", STAKES)
@pytest.mark.parametrize(
    ("choice", "statuses"),
    [("until_acknowledged", [200, 403, 403, 403]), ("once", [200, 403, 200, 403])],
)
async def test_reality_check(switched: Any, choice: str, statuses: list[int], stake: str) -> None:
    """A due reality check blocks every stake until it is acknowledged, or the first one only, and
    is due again an interval later; the refused stake stays refused (WAL-65)."""
    place = STAKES[stake]
    async with switched(reality_check=choice) as box:
        session = await box.session(constraints={"rg_flags": {"reality_check_min": 20}})
        seen = [(await place(box, 0, session)).status]
        await pass_time(box, 20 * 60)
        seen += [(await place(box, n, session)).status for n in (1, 2)]
        await pass_time(box, 20 * 60)
        got = await place(box, 3, session)
        require_problem(got, 403, "RG_BLOCK")
        assert got.json["details"]["reason"] == "reality_check"
        assert [*seen, got.status] == statuses
        shown = await box.events(event_type="rg.reality_check")
        assert [event["payload"]["acknowledged"] for event in shown] == (
            [False, False] if choice == "once" else []
        )
        await box.call("POST", f"/v1/sessions/{session}/acknowledge")
        assert (await place(box, 4, session)).status == 200


async def test_duplicate_answer_same_body(switched: Any) -> None:
    """A repeat under a new key gets what the first call got, rollbacks too (WAL-08)."""
    async with switched(duplicate_answer="same_body") as box:
        first = await debit(box)
        await debit(box, "d-2")
        undone = await rollback(box, of="d-2")
        await debit(box, "d-3")
        assert (await debit(box)).body == first.body
        assert (await rollback(box, of="d-2")).body == undone.body


async def test_duplicate_answer_current_balance(switched: Any) -> None:
    """A repeat under a new key shows the balance of now; one under the same key is the same bytes
    all the same (WAL-08, PRV-30)."""
    async with switched(duplicate_answer="current_balance") as box:
        first = await debit(box, key="k-1")
        await debit(box, "d-2")
        again = await debit(box)
        assert (again.status, amounts(again.json)["available"]) == (200, eur("996.00"))
        assert (await debit(box, key="k-1")).body == first.body


async def test_duplicate_answer_duplicate_code(switched: Any) -> None:
    """A repeat under a new key is DUPLICATE with the first id, for a debit, a credit, a rollback
    and an item of a batch; nothing moves (WAL-08, WAL-62)."""
    async with switched(duplicate_answer="duplicate_code") as box:
        await debit(box, key="k-1")
        await credit(box, reason="promo", of=None)
        await debit(box, "d-2")
        await rollback(box, of="d-2")
        async with no_money_moves(box):
            for again in (
                await debit(box),
                await credit(box, reason="promo", of=None),
                await rollback(box, of="d-2"),
            ):
                require_problem(again, 409, "DUPLICATE")
                first = again.json["details"]["first_transaction_id"]
                assert first == again.json["details"]["transaction_id"]
            items = {"items": [{"debit": body("d-1", amount=money("2.00"))}]}
            (item,) = (await send(box, "batch", items)).json["items"]
            assert item["error"]["code"] == "DUPLICATE"
            assert (await debit(box, key="k-1")).status == 200


async def test_win_without_bet_as_promo(switched: Any) -> None:
    """It is paid, as a promo: no round has won it, and no round is opened by it (WAL-24)."""
    async with switched(win_without_bet="promo") as box:
        assert (await credit(box, of="d-9")).status == 200
        assert (await transaction(box, "c-1"))["reason"] == "promo"
        require_problem(await box.call("GET", "/v1/rounds/r-1"), 404, "NOT_FOUND")
        await debit(box)
        assert (await credit(box, "c-2")).status == 200
        assert (await transaction(box, "c-2"))["reason"] == "win"
        again = await credit(box, of="d-9")
        assert again.status == 200, "a repeat of what became a promo is a repeat"
        assert (await balance(box))["available"] == eur("1008.00")


async def test_settled_rollback_if_funds_cover(switched: Any) -> None:
    """A settled debit comes back, a win is taken back as long as the money is there; what the
    player has spent is not (WAL-47)."""
    async with switched(settled_rollback="if_funds_cover") as box:
        await debit(box, amount="1.00", player="p_poor")
        await credit(box, player="p_poor")
        assert (await rollback(box, "x-1", of="d-1", player="p_poor")).status == 200
        await debit(box, "d-2", "2.00", player="p_poor")
        async with no_money_moves(box):
            got = await rollback(box, "x-2", of="c-1", player="p_poor")
            require_problem(got, 422, "INSUFFICIENT_FUNDS")
        assert (await rollback(box, "x-3", of="d-2", player="p_poor")).status == 200
        for name in ("x-4", "x-5"):
            assert (await rollback(box, name, of="c-1", player="p_poor")).status == 200
        assert (await balance(box, "p_poor"))["available"] == eur("1.00")


async def test_settled_rollback_below_zero(switched: Any) -> None:
    """A win that the player has spent is taken back all the same: the balance is below zero, in
    every answer; no stake is taken until it is above, wins and deposits land (WAL-11, WAL-47)."""
    async with switched(settled_rollback="negative_allowed") as box:
        await debit(box, amount="1.00", player="p_poor")
        await credit(box, player="p_poor")
        await debit(box, "d-2", "4.00", player="p_poor")
        got = await rollback(box, of="c-1", player="p_poor")
        assert (got.status, amounts(got.json)["available"]) == (200, eur("-4.00"))
        assert await balance(box, "p_poor") == amounts(got.json)
        assert await box.balance("p_poor") == (eur("-4.00"), eur("0.00"))
        async with no_money_moves(box):
            for amount in ("0.01", "4.00"):
                got = await debit(box, "d-3", amount, player="p_poor")
                require_problem(got, 422, "INSUFFICIENT_FUNDS")
        assert (await rollback(box, "x-9", of="c-1", player="p_poor")).status == 200
        payment = {"payment_id": "p-1", "amount": money(5)}
        assert (await box.admin("POST", "/players/p_poor/fund", payment)).status == 200
        assert (await debit(box, "d-4", "1.00", player="p_poor")).status == 200
        require_problem(await debit(box, "d-5", "0.01", player="p_poor"), 422, "INSUFFICIENT_FUNDS")


async def test_bonus_money_does_not_hide_what_is_owed(switched: Any) -> None:
    """What can be staked is the sum of both buckets: 10.00 of bonus less 4.00 that are owed, and
    the stake is bonus money; nothing is still a stake (WAL-05, WAL-11, WAL-40)."""
    async with switched(settled_rollback="negative_allowed") as box:
        await debit(box, amount="1.00", player="p_poor")
        await credit(box, player="p_poor")
        await debit(box, "d-2", "4.00", player="p_poor")
        await rollback(box, of="c-1", player="p_poor")
        assert (await debit(box, "d-0", 0, player="p_poor")).status == 200
        await grant(box, "p_poor", 10)
        require_problem(await debit(box, "d-3", "6.01", player="p_poor"), 422, "INSUFFICIENT_FUNDS")
        got = await debit(box, "d-4", "6.00", player="p_poor")
        assert (amounts(got.json)["cash"], amounts(got.json)["bonus"]) == (
            eur("-4.00"),
            eur("4.00"),
        )


@pytest.mark.parametrize("scope", ["player", "round"])
async def test_transaction_scope(switched: Any, scope: str) -> None:
    """One id is one transaction of a player, or of a round: another's is served, the same one's is
    a repeat; and a read says whose it means (WAL-09)."""
    other = {"player": "p_kay"} if scope == "player" else {"player": "p_19f3"}
    async with switched(transaction_scope=scope) as box:
        made = {"player_id": "p_kay", "currency": "EUR", "cash": 50}
        assert (await box.admin("POST", "/players", made)).status == 201
        assert (await debit(box)).status == 200
        assert (await debit(box, round_id="r-2", **other)).status == 200
        assert (await rollback(box, round_id="r-2", **other)).status == 200
        async with no_money_moves(box):
            assert (await debit(box)).status == 200
            require_problem(await debit(box, amount="3.00"), 409, "DUPLICATE")
        path = "/v1/wallet/transactions/d-1"
        require_problem(await box.call("GET", path), 400, "VALIDATION_FAILED")
        query = "player_id=p_19f3" if scope == "player" else "round_id=r-1"
        assert (await box.call("GET", f"{path}?{query}")).json["status"] == "ok"
        away = "player_id=p_kay" if scope == "player" else "round_id=r-2"
        assert (await box.call("GET", f"{path}?{away}")).json["status"] == "rolled_back"


WRITTEN: dict[str, tuple[str, Any, Any, Any]] = {
    "decimal_number": ("EUR", Decimal("2.00"), Decimal("998.00"), Decimal("2.001")),
    "decimal_string": ("EUR", "2.00", "998.00", "2.001"),
    "integer_minor": ("EUR", 200, 99_800, Decimal("200.5")),
    "millionths": ("EUR", 2_000_000, 998_000_000, 2_000_001),
    "hundred_thousandths": ("EUR", 200_000, 99_800_000, 200_001),
}
"""Format → currency, a stake of 2.00 and what is left of 1000.00, and what is finer than a cent."""


@pytest.mark.parametrize("choice", WRITTEN)
async def test_money_format(switched: Any, choice: str) -> None:
    """Requests and answers, refusals too, are written so; what is finer than the currency is
    refused and not rounded, and so is any other format. `/v1/bets` stays as its contract has it
    (PRV-03)."""
    currency, stake, left, fine = WRITTEN[choice]
    async with switched(money_format=choice) as box:

        def sent(amount: Any) -> Any:
            return body("d-1", amount={"amount": amount, "currency": currency})

        got = await send(box, "debit", sent(stake))
        assert got.status == 200, got.body
        assert got.json["balance"]["available"] == {"amount": left, "currency": currency}
        wrong = [fine, *(w[1] for name, w in WRITTEN.items() if _alien(choice, name))]
        async with no_money_moves(box):
            for amount in wrong:
                refused = await send(box, "debit", {**sent(amount), "transaction_id": "d-9"})
                require_problem(refused, 400, "VALIDATION_FAILED")
                assert "amount" in refused.json["details"]["errors"][0]["field"]
        shown = (await box.call("GET", "/v1/wallet/transactions/d-1")).json["amount"]["amount"]
        assert shown == stake
        assert type(shown) is type(stake)
        listed = (await box.call("GET", "/v1/wallet/transactions")).json["items"][0]
        assert listed["amount"]["amount"] == stake
        poor = await send(
            box,
            "debit",
            {**sent(stake), "player_id": "p_poor", "round_id": "r-2", "transaction_id": "d-2"},
        )
        told = poor.json["details"]["balance"]["available"]["amount"]
        assert type(told) is type(left)
        assert await box.balance() == (Decimal("998.00"), Decimal("0.00"))


def _alien(choice: str, other: str) -> bool:
    """True where a stake written in the other format is no amount in this one."""
    numbers = {"decimal_number", "integer_minor", "millionths", "hundred_thousandths"}
    if other == choice:
        return False
    return "decimal_string" in (choice, other) and {choice, other} - numbers != set()


@pytest.mark.parametrize(
    ("currency", "player", "amount"),
    [("JPY", "p_jpy", 150), ("KWD", "p_kwd", 1_500), ("EUR", "p_19f3", 150)],
)
async def test_minor_units_are_the_currencys_own(
    switched: Any, currency: str, player: str, amount: int
) -> None:
    """150 is 150 yen, 1.50 euros, and 1500 is 1.500 dinars (PRV-03)."""
    async with switched(money_format="integer_minor") as box:
        sent = body("d-1", player=player, amount={"amount": amount, "currency": currency})
        assert (await send(box, "debit", sent)).status == 200
        shown = (await box.call("GET", "/v1/wallet/transactions/d-1")).json["amount"]
        assert shown == {"amount": amount, "currency": currency}


async def test_a_key_is_bound_to_the_amount_and_not_to_its_format(switched: Any) -> None:
    """ "2.0" and "2.00" are one amount, in a jackpot's body and in a batch as well (PRV-31)."""
    async with switched(money_format="decimal_string") as box:
        for what, sent in (
            ("debit", lambda text: body("d-1", amount={"amount": text, "currency": "EUR"})),
            ("credit", lambda text: payout() | {"amount": {"amount": text, "currency": "EUR"}}),
        ):
            first = await send(box, what, sent("2.00"), key="k-1")
            assert first.status == 200, first.body
            again = await send(box, what, sent("2.0"), key="k-1")
            assert (again.body, again.replayed) == (first.body, True)
