"""Settle: a win lands once, whatever has happened to session and player, or it does not at all.

Proven elsewhere: WAL-21 under the same key and under a new one, one after the other, in
`tests/server/test_idempotency.py`; WAL-27 for every place of money in
`tests/server/test_money_wire.py`.
"""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from simulator.wallet import rounds
from tests.server.tools import require_problem
from tests.support import Sandbox
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

COPIES = 16
"""Parallel deliveries of one win: more than a batch of one, few enough to stay quick."""


async def _place(box: Sandbox, stake: str = "2.00", bet_id: str = "b-1") -> str:
    """An open bet; its session."""
    session = await box.session()
    assert (await box.authorize(session, bet_id, eur(stake))).status == 200
    return session


async def test_a_win_spends_the_stake_and_is_credited() -> None:
    """The held stake becomes a debit, the win a credit; the answer's balance is the one that is
    read afterwards; one event tells of both (WAL-01)."""
    async with wallet() as box:
        await _place(box)
        got = await box.settle("b-1", eur("5.00"))
        assert (got.status, got.json["status"]) == (200, "credited")
        assert got.json["balance"]["available"]["amount"] == eur("1003.00")
        assert await box.balance() == (eur("1003.00"), eur("0.00"))
        (event,) = await box.events(event_type="bet.settled")
        assert event["payload"]["win"]["amount"] == eur("5.00")
        assert event["payload"]["bet"]["amount"] == eur("2.00")


@pytest.mark.parametrize("how", ["expired", "ended", "both"])
async def test_a_win_lands_after_its_session(how: str) -> None:
    """A session that ended, or expired with the token it was played by, has no say in a win
    (WAL-20)."""
    async with wallet() as box:
        session = await _place(box)
        if how != "expired":
            await end_session(box, session)
        if how != "ended":
            old = dict(box.tokens)
            await pass_time(box, HOUR_S)
            fresh, box.tokens = box.tokens, old
            require_problem(await box.settle("b-1", 5, key="k-1"), 401, "AUTH_FAILED")
            box.tokens = fresh
        got = await box.settle("b-1", 5, key="k-1")
        assert (got.status, got.replayed) == (200, False), got.body
        assert await box.balance() == (eur("1003.00"), eur("0.00"))


@pytest.mark.parametrize("keys", ["one key", "a key each"])
async def test_parallel_copies_of_a_win_credit_once(keys: str) -> None:
    """However many deliveries meet, one credits and all answer its bytes (WAL-21)."""
    async with wallet() as box:
        await _place(box)
        answers = await asyncio.gather(
            *(
                box.settle("b-1", 5, key="k-1" if keys == "one key" else f"k-{n}")
                for n in range(COPIES)
            )
        )
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        assert sum(not got.replayed for got in answers) == 1
        assert await box.balance() == (eur("1003.00"), eur("0.00"))
        assert len(await box.events(event_type="bet.settled")) == 1


async def test_a_late_first_delivery_meets_its_retry() -> None:
    """The delivery whose answer was given up comes back from the network together with its retry
    and once more afterwards: one credit, the same bytes (WAL-21)."""
    async with wallet() as box:
        await _place(box)
        first = asyncio.ensure_future(box.settle("b-1", 5, key="k-1"))
        await asyncio.sleep(0)  # it is on its way; its caller stops waiting and asks again
        retry, late = await asyncio.gather(box.settle("b-1", 5, key="k-1"), first)
        afterwards = await box.settle("b-1", 5, key="k-2")
        assert retry.body == late.body == afterwards.body
        assert {retry.replayed, late.replayed} == {False, True}
        assert afterwards.replayed
        assert await box.balance() == (eur("1003.00"), eur("0.00"))


async def test_parallel_wins_of_different_amounts_credit_one_of_them() -> None:
    """Two amounts race for one bet: one is credited, every delivery of the other is a DUPLICATE
    (WAL-21, WAL-07)."""
    async with wallet() as box:
        await _place(box)
        answers = await asyncio.gather(*(box.settle("b-1", 5 + n % 2) for n in range(COPIES)))
        assert sorted(got.code for got in answers) == [""] * 8 + ["DUPLICATE"] * 8
        win = (await bet(box, "b-1"))["win"]["amount"]
        assert (await box.balance())[0] == eur("998.00") + win


async def test_a_zero_win_records_the_settlement() -> None:
    """A lost bet: settled with an id and an event, the stake spent, nothing credited (WAL-22)."""
    async with wallet() as box:
        await _place(box)
        before, _ = await box.balance()
        got = await box.settle("b-1", 0)
        assert (got.status, got.json["status"]) == (200, "credited")
        assert await box.balance() == (before, eur("0.00"))
        shown = await bet(box, "b-1")
        assert (shown["status"], shown["win"]["amount"]) == ("settled", 0)
        assert shown["settlement_id"] == got.json["settlement_id"]
        assert len(await box.events(event_type="bet.settled")) == 1


async def test_a_bet_has_one_settlement_and_a_round_several_bets() -> None:
    """The bets of one round are settled each on its own; a second settlement of one of them, with
    another win, is refused and credits nothing (WAL-23)."""
    async with wallet() as box:
        session = await _place(box, "2.00", "b-1")
        for bet_id, stake in (("b-2", "3.00"), ("b-3", "4.00")):
            assert (await box.authorize(session, bet_id, eur(stake))).status == 200
        assert (await box.settle("b-2", 7)).status == 200
        assert (await box.settle("b-1", 0)).status == 200
        shown = await game_round(box)
        assert (shown["bets"], shown["open_bets"], shown["status"]) == (3, 1, "open")
        assert (shown["staked"]["amount"], shown["won"]["amount"]) == (eur("9.00"), eur("7.00"))
        async with nothing_moves(box):
            require_problem(await box.settle("b-2", 8), 409, "DUPLICATE")
        assert (await box.settle("b-3", 1)).status == 200
        assert await box.balance() == (eur("999.00"), eur("0.00"))


async def test_a_win_without_a_bet_is_not_found() -> None:
    """The reference's profile: BET_NOT_FOUND, nothing credited, not even where the round is known;
    and the answer stands when the bet comes later (WAL-24)."""
    async with wallet() as box:
        session = await _place(box)
        async with nothing_moves(box):
            require_problem(await box.settle("b-9", 5, key="k-9"), 404, "BET_NOT_FOUND")
        assert (await box.authorize(session, "b-9", 1)).status == 200
        async with nothing_moves(box):
            late = await box.settle("b-9", 5, key="k-9")
            require_problem(late, 404, "BET_NOT_FOUND")
            assert late.replayed


async def test_a_win_on_a_rolled_back_bet_is_refused() -> None:
    """After a rollback, and on a tombstone, nothing is credited, not even a zero win (WAL-25)."""
    async with wallet() as box:
        await _place(box)
        assert (await box.rollback("b-1")).status == 200
        assert (await box.rollback("b-never")).json["tombstone"] is True
        async with nothing_moves(box):
            for bet_id in ("b-1", "b-never"):
                for win in (5, 0):
                    got = await box.settle(bet_id, win)
                    require_problem(got, 409, "INVALID_STATE")
                    assert got.json["details"]["reason"] == "rolled_back"


async def test_a_failed_win_can_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A settlement that breaks midway, behind its capture and its credit, is retryable and has no
    effect; the same win under the same key then lands once (WAL-26)."""
    async with wallet() as box:
        await _place(box)
        async with nothing_moves(box):
            with monkeypatch.context() as broken, capture_logs() as logs:
                broken.setattr(rounds, "settle_bet", _break)
                failed = await box.settle("b-1", 5, key="k-1")
        require_problem(failed, 500, "INTERNAL")
        assert failed.json["retryable"] is True
        assert len(logs) == 1
        assert (await bet(box, "b-1"))["status"] == "authorized"
        again = await box.settle("b-1", 5, key="k-1")
        assert (again.status, again.replayed) == (200, False)
        assert await box.balance() == (eur("1003.00"), eur("0.00"))


def _break(*_: Any) -> None:
    raise RuntimeError("a bug behind the credit")


@pytest.mark.parametrize("win", ["-0.01", "-5.00"])
async def test_a_negative_win_is_refused(win: str) -> None:
    """It would be a debit without limit or funds; the bet stays open (WAL-27)."""
    async with wallet() as box:
        await _place(box)
        async with nothing_moves(box):
            got = await box.settle("b-1", eur(win))
            require_problem(got, 400, "VALIDATION_FAILED")
            assert "win" in got.json["message"]
        assert (await bet(box, "b-1"))["status"] == "authorized"


@pytest.mark.parametrize("reason", LOCKS)
async def test_a_win_during_a_lock_is_credited(reason: str) -> None:
    """A player who was locked after the bet gets the win all the same, at once, and the round can
    be closed (WAL-28, WAL-13)."""
    async with wallet() as box:
        await _place(box)
        await lock(box, reason)
        assert (await box.settle("b-1", 5)).status == 200
        assert await box.balance() == (eur("1003.00"), eur("0.00"))
        assert (await close_round(box, "completed")).status == 200
