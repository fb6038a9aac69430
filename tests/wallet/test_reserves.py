"""Reserves of the wallet API: set aside, then spent by a debit or given back."""

from typing import Any

import pytest

from tests.server.tools import require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import (
    LOCKS,
    close_round,
    end_session,
    eur,
    lock,
    pass_time,
    set_limit,
    wallet,
)
from tests.wallet.tools import game_round as read_round
from tests.wallet.txns import (
    amounts,
    debit,
    no_money_moves,
    release,
    reserve,
    transaction,
)

ZERO = eur("0.00")


async def test_a_reserve_holds_and_its_debit_spends_it() -> None:
    """What is set aside is held, and the debit that names it turns it into a stake: once in the
    round's sums, with one event (WAL-01)."""
    async with wallet() as box:
        got = await reserve(box, session_id=await box.session())
        assert amounts(got.json)["held"] == eur("2.00")
        assert amounts(got.json)["available"] == eur("998.00")
        got = await debit(box, reserve_transaction_id="h-1")
        assert amounts(got.json) == {
            "available": eur("998.00"),
            "held": ZERO,
            "cash": eur("998.00"),
            "bonus": ZERO,
        }
        shown = await read_round(box)
        assert (shown["bets"], shown["open_bets"]) == (1, 0)
        assert shown["staked"]["amount"] == eur("2.00")
        assert (await transaction(box, "h-1"))["status"] == "spent"
        assert (await transaction(box, "d-1"))["reserve_transaction_id"] == "h-1"


async def test_an_open_reserve_keeps_its_round_open() -> None:
    """A hold is never dropped: the round ends after it was spent or released (WAL-18, WAL-60)."""
    async with wallet() as box:
        assert (await reserve(box)).status == 200
        got = await close_round(box, "completed")
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "open_bets"
        assert (await release(box)).status == 200
        assert (await close_round(box, "cancelled")).status == 200


async def _locked(box: Sandbox, _session: str) -> None:
    for reason in LOCKS:
        await lock(box, reason)


async def _ended(box: Sandbox, session: str) -> None:
    await end_session(box, session)


async def _overdue(box: Sandbox, _session: str) -> None:
    await pass_time(box, 3600)  # a session's life: it has expired, its check is due


async def _limited(box: Sandbox, _session: str) -> None:
    await set_limit(box, "stake", 1)


@pytest.mark.parametrize("happens", [_locked, _ended, _overdue, _limited])
async def test_what_is_set_aside_is_spent_whatever_comes_of_the_player(happens: Any) -> None:
    """The reserve was the bet: its debit lands as a settle would, after a lock, a session's end, a
    due reality check or a stricter limit; new stakes are refused (WAL-13, WAL-14, WAL-18)."""
    async with wallet() as box:
        flags = {"rg_flags": {"reality_check_min": 30}}
        session = await box.session(constraints=flags)
        assert (await reserve(box, session_id=session)).status == 200
        await happens(box, session)
        for what in (reserve, debit):
            assert (await what(box, "t-new", session_id=session)).status in (403, 409, 422)
        got = await debit(box, session_id=session, reserve_transaction_id="h-1")
        assert got.status == 200, got.body
        assert amounts(got.json)["available"] == eur("998.00")
        assert amounts(got.json)["held"] == ZERO
        assert (await close_round(box, "completed")).status == 200


async def _spent(box: Sandbox) -> Got:
    await debit(box, "d-1", reserve_transaction_id="h-1")
    return await debit(box, "d-2", reserve_transaction_id="h-1")


async def _released(box: Sandbox) -> Got:
    await release(box)
    return await debit(box, reserve_transaction_id="h-1")


async def _other_amount(box: Sandbox) -> Got:
    return await debit(box, amount="1.99", reserve_transaction_id="h-1")


async def _other_round(box: Sandbox) -> Got:
    return await debit(box, round_id="r-2", reserve_transaction_id="h-1")


async def _other_player(box: Sandbox) -> Got:
    return await debit(box, player="p_poor", round_id="r-2", reserve_transaction_id="h-1")


async def _not_a_reserve(box: Sandbox) -> Got:
    await debit(box, "d-0", "2.00")
    return await debit(box, reserve_transaction_id="d-0")


@pytest.mark.parametrize(
    ("spend", "reason"),
    [
        (_spent, "spent"),
        (_released, "released"),
        (_other_amount, "amount_mismatch"),
        (_other_round, "round_mismatch"),
        (_other_player, "player_mismatch"),
        (_not_a_reserve, "wrong_kind"),
    ],
)
async def test_a_reserve_is_spent_once_and_whole(spend: Any, reason: str) -> None:
    """By a debit of the same player, round and amount, while it is held (WAL-01, WAL-07)."""
    async with wallet() as box:
        assert (await reserve(box)).status == 200
        got = await spend(box)
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == reason


async def test_a_reserve_that_nobody_made_cannot_be_spent() -> None:
    """404, and nothing moves (WAL-01)."""
    async with wallet() as box, no_money_moves(box):
        require_problem(await debit(box, reserve_transaction_id="h-9"), 404, "NOT_FOUND")
