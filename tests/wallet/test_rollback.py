"""Rollback: the original stake comes back once, or the bet is barred for good.

Proven elsewhere: WAL-41 for a plain repeat in `tests/server/test_idempotency.py`; WAL-42 across
tenants in `tests/server/test_tenancy.py`; WAL-44 with many bets and over HTTP in
`tests/laws/test_concurrency.py`.
"""

import asyncio
from typing import Any

import pytest

from tests.server.tools import require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import (
    HOUR_S,
    LOCKS,
    bet,
    close_round,
    end_session,
    eur,
    game_round,
    lock,
    nothing_moves,
    pass_time,
    wallet,
)

WHOLE = (eur("1000.00"), eur("0.00"))


async def _place(box: Sandbox, stake: str = "2.00") -> str:
    """The open bet `b-1`; its session."""
    session = await box.session()
    assert (await box.authorize(session, "b-1", eur(stake))).status == 200
    return session


async def _roll_back(box: Sandbox, bet_id: str = "b-1", **claims: Any) -> Got:
    """A rollback that says more than it needs to."""
    body = {"bet_id": bet_id, "round_id": "r-1", **claims}
    return await box.call("POST", "/v1/bets/rollback", body)


@pytest.mark.parametrize("claimed", ["0.00", "0.01", "2.00", "500.00"])
async def test_a_rollback_restores_the_original_amount(claimed: str) -> None:
    """Whatever amount the request says, the stake that was held is what comes back, and what event
    and round tell of (WAL-40)."""
    async with wallet() as box:
        await _place(box)
        got = await _roll_back(box, amount={"amount": eur(claimed), "currency": "EUR"})
        assert (got.status, got.json["status"]) == (200, "rolled_back")
        assert got.json["balance"]["available"]["amount"] == eur("1000.00")
        assert await box.balance() == WHOLE
        (event,) = await box.events(event_type="bet.rolled_back")
        assert event["payload"]["bet"]["amount"] == eur("2.00")
        assert (await game_round(box))["staked"]["amount"] == 0


async def test_another_rollback_of_the_same_bet_refunds_nothing_more() -> None:
    """Other key, other reason, other claimed amount, all at once and again afterwards: one refund,
    one event, the same answer (WAL-41)."""
    async with wallet() as box:
        await _place(box)
        claims: list[dict[str, Any]] = [
            {"reason": f"reason {n}", "amount": {"amount": n, "currency": "EUR"}} for n in range(8)
        ]
        answers = await asyncio.gather(*(_roll_back(box, **claim) for claim in claims))
        answers += [await _roll_back(box, reason="once more")]
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        assert sum(not got.replayed for got in answers) == 1
        assert await box.balance() == WHOLE
        assert len(await box.events(event_type="bet.rolled_back")) == 1


async def test_a_rollback_before_its_bet_bars_it() -> None:
    """Nothing moves, a tombstone stays, and the late bet is refused with no effect: under any key,
    any number of times, also when the rollback came twice (WAL-42)."""
    async with wallet() as box:
        session = await box.session()
        first = await box.rollback("b-1")
        assert (first.status, first.json["tombstone"]) == (200, True)
        assert await box.balance() == WHOLE
        async with nothing_moves(box):
            assert (await box.rollback("b-1")).body == first.body
            for _ in range(2):
                got = await box.authorize(session, "b-1", 2)
                require_problem(got, 409, "INVALID_STATE")
                assert got.json["details"]["reason"] == "tombstone"
                assert got.json["retryable"] is False
        shown = await bet(box, "b-1")
        assert (shown["status"], shown["tombstone"]) == ("rolled_back", True)
        told = await box.events(event_type="bet.rolled_back")
        assert [(one["payload"]["bet_id"], one["payload"]["tombstone"]) for one in told] == [
            ("b-1", True)
        ]


async def test_a_tombstone_names_the_player_who_is_known() -> None:
    """Where the request or the open round says whose bet it would have been, the answer carries
    their balance (WAL-42, PRV-23)."""
    async with wallet() as box:
        await _place(box)
        by_round = await box.rollback("b-2")
        by_claim = await _roll_back(box, "b-3", player_id="p_poor", round_id="r-9")
        assert by_round.json["balance"]["held"]["amount"] == eur("2.00")
        assert by_claim.json["balance"]["available"]["amount"] == eur("1.00")


async def test_a_rollback_of_bet_and_win_that_come_first_nets_zero() -> None:
    """The rollbacks of a bet and of its win come before both: whatever of the two arrives late is
    refused, and the player has what they had (WAL-43)."""
    async with wallet() as box:
        session = await box.session()
        for reason in ("undo the bet", "undo its win"):
            assert (await _roll_back(box, reason=reason)).status == 200
        require_problem(await box.settle("b-1", 5), 409, "INVALID_STATE")
        require_problem(await box.authorize(session, "b-1", 2), 409, "INVALID_STATE")
        require_problem(await box.settle("b-1", 5), 409, "INVALID_STATE")
        assert await box.balance() == WHOLE


@pytest.mark.parametrize("first", ["authorize", "rollback"])
async def test_a_rollback_that_races_its_bet(first: str) -> None:
    """Sent at once, in either order: applied and refunded, or tombstoned and refused; the player's
    money is whole in both, and nothing is held (WAL-44)."""
    async with wallet() as box:
        session = await box.session()
        calls = [box.authorize(session, "b-1", 2), box.rollback("b-1")]
        answers = await asyncio.gather(*(calls if first == "authorize" else reversed(calls)))
        placed, undone = answers if first == "authorize" else reversed(answers)
        assert undone.status == 200
        assert undone.json["tombstone" if placed.status == 409 else "balance"]
        if placed.status == 409:
            assert placed.json["details"]["reason"] == "tombstone"
        else:
            assert "tombstone" not in undone.json
        assert await box.balance() == WHOLE
        assert (await bet(box, "b-1"))["status"] == "rolled_back"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"round_id": "r-unknown"},
        {"player_id": "p_unknown"},
        {"player_id": "p_uk"},
        {"amount": {"amount": 10**9, "currency": "EUR"}},
        {"amount": {"amount": 1, "currency": "JPY"}},
    ],
)
async def test_an_unknown_rollback_is_answered(claims: dict[str, Any]) -> None:
    """The reference's profile: a tombstone and 200, whatever else the request names, never a 5xx
    that would be retried for ever, nor anybody else's balance (WAL-45)."""
    async with wallet() as box:
        got = await _roll_back(box, "b-unknown", **claims)
        assert (got.status, got.json["tombstone"]) == (200, True)
        assert "balance" not in got.json
        assert await box.balance() == WHOLE


@pytest.mark.parametrize("how", ["expired", "ended"])
async def test_a_rollback_lands_after_its_session(how: str) -> None:
    """A session that expired or ended keeps no stake (WAL-46)."""
    async with wallet() as box:
        session = await _place(box)
        if how == "ended":
            await end_session(box, session)
        else:
            await pass_time(box, 2 * HOUR_S)
        assert (await box.rollback("b-1")).status == 200
        assert await box.balance() == WHOLE


@pytest.mark.parametrize("reason", LOCKS)
async def test_a_rollback_lands_during_a_lock(reason: str) -> None:
    """A locked player's stake comes back (WAL-13)."""
    async with wallet() as box:
        await _place(box)
        await lock(box, reason)
        assert (await box.rollback("b-1")).status == 200
        assert await box.balance() == WHOLE


async def test_a_rollback_after_settlement_is_refused() -> None:
    """A settled bet stays settled, lost or won, also once its round is closed; a bet that never
    came to a closed round cannot be barred any more: it is refused anyway (WAL-47)."""
    async with wallet() as box:
        session = await _place(box)
        assert (await box.authorize(session, "b-2", 1)).status == 200
        for bet_id, win in (("b-1", 5), ("b-2", 0)):
            assert (await box.settle(bet_id, win)).status == 200
        async with nothing_moves(box):
            for bet_id in ("b-1", "b-2"):
                got = await box.rollback(bet_id)
                require_problem(got, 409, "INVALID_STATE")
                assert got.json["details"]["reason"] == "settled"
        assert (await close_round(box, "completed")).status == 200
        async with nothing_moves(box):
            for bet_id in ("b-1", "b-2", "b-never"):
                require_problem(await box.rollback(bet_id), 409, "INVALID_STATE")


async def test_a_rollback_of_a_refused_bet_refunds_nothing() -> None:
    """A bet refused for want of funds or by a limit was never held; its rollback gives nothing back
    and only bars the id (WAL-48)."""
    async with wallet() as box:
        session = await box.session("p_poor", constraints={"max_bet": 5})
        for bet_id, stake in (("b-1", 2), ("b-2", 6)):
            assert (await box.authorize(session, bet_id, stake)).status == 422
            got = await box.rollback(bet_id)
            assert (got.status, got.json["tombstone"]) == (200, True)
        assert await box.balance("p_poor") == (eur("1.00"), eur("0.00"))


@pytest.mark.parametrize(
    ("claims", "status", "code"),
    [
        ({"player_id": "p_poor"}, 409, "INVALID_STATE"),
        ({"player_id": "p_unknown"}, 409, "INVALID_STATE"),
        ({"amount": {"amount": 2, "currency": "USD"}}, 422, "CURRENCY_MISMATCH"),
        ({"round_id": "r-2"}, 409, "INVALID_STATE"),
    ],
)
async def test_a_rollback_that_means_another_bet_is_refused(
    claims: dict[str, Any], status: int, code: str
) -> None:
    """Another player, currency or round than the bet's: nothing is given back, and the right
    rollback still works (WAL-49)."""
    async with wallet() as box:
        await _place(box)
        async with nothing_moves(box):
            require_problem(await _roll_back(box, **claims), status, code)
        assert (await _roll_back(box, player_id="p_19f3")).status == 200
        assert await box.balance() == WHOLE
