"""Overdue holds are listed, and never silently released (WAL-18)."""

from typing import Any

from tests.support import Sandbox
from tests.wallet.tools import eur, pass_time, wallet


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
