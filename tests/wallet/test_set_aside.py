"""Payouts of jackpots that are set aside before they are paid (JP-13): the operator's own money,
held or paid and never both, and let go once."""

import asyncio
from typing import Any

import pytest

from tests.server.tools import require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import eur, wallet
from tests.wallet.txns import balance, events, no_money_moves, payout, send


async def aside(box: Sandbox, what: str, key: str, **fields: Any) -> Got:
    """Reserve, credit or release the payout jp-1 of 100.00 EUR."""
    return await send(box, what, payout(idempotency_key=key, **fields))


async def pending(box: Sandbox) -> int:
    """What the provider's account holds, in minor units."""
    rows = box.world.parties["wallet"].writer.unit.database.rows(
        "SELECT coalesce(sum(pending_debits), 0) FROM account WHERE kind = 'provider'"
    )
    return int(rows[0][0])


async def test_set_aside_and_paid() -> None:
    """It is held out of what the provider owes, the player has nothing of it; the credit lets it go
    and pays it, once, however often each is sent (JP-02, WAL-97)."""
    async with wallet() as box:
        before = await balance(box)
        answers = await asyncio.gather(*(aside(box, "reserve", f"r-{n}") for n in range(8)))
        assert {(got.status, got.json["status"]) for got in answers} == {(200, "ok")}
        assert await balance(box) == before
        assert await pending(box) == 10_000
        answers = await asyncio.gather(*(aside(box, "credit", f"p-{n}") for n in range(8)))
        assert {got.json["status"] for got in answers} == {"ok"}
        assert (await balance(box))["available"] == eur("1100.00")
        assert await pending(box) == 0
        assert (await aside(box, "reserve", "late")).json["status"] == "ok"
        require_problem(await aside(box, "release", "l-1"), 409, "INVALID_STATE")
        assert await pending(box) == 0
        await box.require_sound()


async def test_let_go_and_never_paid() -> None:
    """Released once, under any key; the operator has it again, and the payout is refused for good
    (WAL-41, WAL-97)."""
    async with wallet() as box:
        before = await balance(box)
        await aside(box, "reserve", "r-1")
        wrong = await aside(box, "release", "l-0", player_id="p_poor")
        require_problem(wrong, 409, "INVALID_STATE")
        assert wrong.json["details"]["reason"] == "player_mismatch"
        for n in range(3):
            assert (await aside(box, "release", f"l-{n + 1}")).json["status"] == "ok"
        assert await pending(box) == 0
        for what in ("credit", "reserve"):
            refused = await aside(box, what, f"{what}-2")
            require_problem(refused, 409, "INVALID_STATE")
            assert refused.json["details"]["reason"] == "released"
        assert await balance(box) == before
        await box.require_sound()


async def test_a_release_that_comes_first_keeps_the_reserve_out() -> None:
    """It leaves a tombstone; what comes after it holds and pays nothing (WAL-42)."""
    async with wallet() as box, no_money_moves(box):
        assert (await aside(box, "release", "l-1")).json["tombstone"] is True
        assert (await aside(box, "release", "l-2")).json["tombstone"] is True
        for what in ("reserve", "credit"):
            refused = await aside(box, what, f"{what}-2")
            require_problem(refused, 409, "INVALID_STATE")
            assert refused.json["details"]["reason"] == "tombstone"
        assert await pending(box) == 0
        await box.require_sound()


@pytest.mark.parametrize("reason", ["RG", "AML", "WITHDRAWAL_LIMIT", "SANCTIONS", "GEO_BLOCK"])
async def test_what_compliance_stops_is_not_set_aside(reason: str) -> None:
    """`failed` with its reason, and nothing is held; when it is released, a new key sets it aside
    (JP-13, WAL-97)."""
    async with wallet() as box:
        await box.admin("PATCH", "/players/p_19f3", {"payout_block": reason})
        got = await aside(box, "reserve", "r-1")
        assert (got.status, got.json["status"], got.json["reason"]) == (200, "failed", reason)
        assert await pending(box) == 0
        await box.admin("PATCH", "/players/p_19f3", {"payout_block": "none"})
        again = await aside(box, "reserve", "r-1")
        assert (again.body, again.replayed) == (got.body, True)
        assert (await aside(box, "reserve", "r-2")).json["status"] == "ok"
        assert await pending(box) == 10_000
        assert await events(box, "wallet.credit.ok") == []


async def test_what_is_refused_holds_nothing() -> None:
    """Another tenant, another currency, other parameters under the same id, and a payout that was
    paid without: each is refused, with why (WAL-07, WAL-12, PRV-63)."""
    async with wallet() as box:
        got = await aside(box, "reserve", "r-1", tenant_id="brand-7")
        require_problem(got, 403, "SCOPE_DENIED")
        got = await aside(box, "reserve", "r-2", player_id="p_usd")
        require_problem(got, 422, "CURRENCY_MISMATCH")
        assert await pending(box) == 0
        await aside(box, "reserve", "r-3")
        for what in ("reserve", "credit"):
            got = await aside(box, what, f"{what}-4", amount="5.00")
            require_problem(got, 409, "DUPLICATE")
        assert await pending(box) == 10_000
        await send(box, "credit", payout("jp-2"))
        got = await send(box, "reserve", payout("jp-2", idempotency_key="r-5"))
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "spent"
        await box.require_sound()
