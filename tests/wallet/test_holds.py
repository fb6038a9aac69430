"""Overdue holds are listed, or rolled back by profile, and never silently released (WAL-18)."""

from functools import partial
from typing import Any

import pytest

from simulator.base.errors import NotFound
from simulator.wallet import holds
from simulator.wallet.profile import load
from tests.support import Sandbox
from tests.wallet.tools import bet, decide, eur, nothing_moves, pass_time, wallet
from tests.wallet.txns import body, send, transaction


async def overdue(box: Sandbox, **query: Any) -> list[Any]:
    """The overdue holds, page by page of one."""
    found: list[Any] = []
    cursor = None
    while True:
        asked = {**query, "limit": 1, **({"cursor": cursor} if cursor else {})}
        text = "&".join(f"{name}={value}" for name, value in asked.items())
        page = (await box.admin("GET", f"/holds/overdue?{text}")).json
        found += page["items"]
        if not page["has_more"]:
            return found
        cursor = page["next_cursor"]


async def test_an_old_hold_is_listed_until_it_ends() -> None:
    """Not a second too early, the oldest first, with whose it is; a settle and a rollback of it
    still land, and then it is listed no more (WAL-18)."""
    async with wallet() as box:
        session = await box.session()
        for bet in ("b-1", "b-2", "b-ended"):
            await box.authorize(session, bet, 2)
        await box.settle("b-ended", 0)
        await pass_time(box, 600)
        await box.authorize(session, "b-3", 2)
        await pass_time(box, 2999)
        assert await overdue(box) == []
        await pass_time(box, 1)
        first, second = await overdue(box)
        assert first == {
            "kind": "bet",
            "id": "b-1",
            "tenant_id": "brand-42",
            "brand_id": "brand-42",
            "player_id": "p_19f3",
            "round_id": "r-1",
            "amount": {"amount": 2, "currency": "EUR"},
            "held_since": "2026-01-01T00:00:00.000Z",
            "age_s": 3600,
        }
        assert second["id"] == "b-2"
        assert await box.balance() == (eur("992.00"), eur("6.00")), "nothing is released"
        assert (await box.settle("b-1", 5)).status == 200
        assert (await box.rollback("b-2")).status == 200
        assert await overdue(box) == []


async def test_what_counts_as_overdue_can_be_said() -> None:
    """An age of nothing lists every hold; newest first where that is asked (PRV-60)."""
    async with wallet() as box:
        session = await box.session()
        await box.authorize(session, "b-1", 2)
        await box.authorize(session, "b-2", 2)
        assert [hold["id"] for hold in await overdue(box, older_than_s=0)] == ["b-1", "b-2"]
        newest = await overdue(box, older_than_s=0, order="desc")
        assert [hold["id"] for hold in newest] == ["b-2", "b-1"]
        assert await overdue(box, older_than_s=1) == []


async def test_reserves_are_holds_too() -> None:
    """A reserve that is neither spent nor given back is listed under its transaction id, and can
    be given back still (WAL-18)."""
    async with wallet() as box:
        for name in ("t-1", "t-2"):
            body = {
                "transaction_id": name,
                "player_id": "p_19f3",
                "round_id": "r-1",
                "amount": {"amount": 3, "currency": "EUR"},
            }
            assert (await box.call("POST", "/v1/wallet/reserve", body)).status == 200
        await pass_time(box, 3600)
        for order, wanted in (("asc", ["t-1", "t-2"]), ("desc", ["t-2", "t-1"])):
            held = await overdue(box, kind="reserve", order=order)
            assert [hold["id"] for hold in held] == wanted
        back = {
            "transaction_id": "t-3",
            "original_transaction_id": "t-1",
            "player_id": "p_19f3",
            "round_id": "r-1",
        }
        assert (await box.call("POST", "/v1/wallet/release", back)).status == 200
        (hold,) = await overdue(box, kind="reserve")
        assert (hold["kind"], hold["id"], hold["age_s"]) == ("reserve", "t-2", 3600)
        assert await overdue(box) == []


async def test_by_profile_an_overdue_hold_is_rolled_back_when_time_passes() -> None:
    """Bets and reserves, an operation each, with the bet's event: the stake is back, the round can
    end, and the late settle or debit finds what it was for rolled back (WAL-18, WAL-40)."""
    async with wallet(profile="strict-codes") as box:
        session = await box.session()
        await box.authorize(session, "b-old", 2)
        held = await send(box, "reserve", body("h-old", amount={"amount": 300, "currency": "EUR"}))
        assert held.status == 200, held.body
        await pass_time(box, 3599)
        assert await box.balance() == (eur("995.00"), eur("5.00")), "not a second too early"
        await box.authorize(session, "b-new", 2)
        await pass_time(box, 1)
        assert await box.balance() == (eur("998.00"), eur("2.00")), "the new one is still held"
        assert await overdue(box) == await overdue(box, kind="reserve") == []
        assert (await bet(box, "b-old"))["status"] == "rolled_back"
        (told,) = await box.events(event_type="bet.rolled_back")
        assert told["payload"]["bet_id"] == "b-old"
        late = await box.settle("b-old", 5)
        assert (late.status, late.code) == (409, "INVALID_STATE"), late.body
        reserve = await transaction(box, "h-old")
        assert reserve["status"] == "released"
        spent = body("d-late", amount={"amount": 300, "currency": "EUR"})
        late = await send(box, "debit", {**spent, "reserve_transaction_id": "h-old"})
        assert (late.status, late.code) == (409, "INVALID_STATE"), late.body
        undone = (await box.call("GET", "/v1/wallet/transactions?kind=rollback")).json["items"]
        assert [txn["original_transaction_id"] for txn in undone] == ["h-old"]


async def test_by_profile_a_clock_that_is_set_ahead_rolls_back_too() -> None:
    """Whichever way the clock has passed; as many as there are, page by page (WAL-18)."""
    async with wallet(profile="strict-codes") as box:
        for name in range(3):
            session = await box.session()
            await box.authorize(session, f"b-{name}", 1)
        later = {"mode": "frozen", "now": "2026-01-01T01:00:00.000Z"}
        assert (await box.admin("PUT", "/clock", later)).status == 200
        box.tokens.clear()
        assert await box.balance() == (eur("1000.00"), eur("0.00"))
        assert len(await box.events(event_type="bet.rolled_back")) == 3


async def test_a_hold_that_ended_meanwhile_is_left_alone() -> None:
    """Between the look and the rollback somebody may have ended it: nothing moves (WAL-18)."""
    profile = load("strict-codes")
    async with wallet(profile="strict-codes") as box:
        session = await box.session()
        await box.authorize(session, "b-1", 2)
        await box.settle("b-1", 0)
        await send(box, "reserve", body("h-1", amount={"amount": 300, "currency": "EUR"}))
        await send(box, "release", body("x-1", original_transaction_id="h-1"))
        decide_it = partial(holds.roll_back_overdue, profile=profile)
        for kind, name in (("bet", "b-1"), ("bet", "b-?"), ("reserve", "h-1"), ("reserve", "h-?")):
            ask = holds.RollBackOverdue(kind=kind, id=name, player_id="p_19f3", round_id="r-1")  # type: ignore[arg-type]
            async with nothing_moves(box):
                with pytest.raises(NotFound):
                    await decide(box, decide_it, ask)
