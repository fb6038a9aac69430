"""Rounds: opened once, found again, ended once, and nothing comes after (PRV-27)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.server.tools import require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import (
    HOUR_S,
    close_round,
    end_session,
    eur,
    game_round,
    nothing_moves,
    pass_time,
    wallet,
)


async def _start(box: Sandbox, session: str, round_id: str = "r-1", **how: Any) -> Got:
    body = {"round_id": round_id, "session_id": session}
    return await box.call("POST", "/v1/rounds", body, **how)


async def _play(box: Sandbox, outcome: str) -> str:
    """Round `r-1` with bet `b-1`, ended so; its session."""
    session = await box.session()
    assert (await box.authorize(session, "b-1", 2)).status == 200
    ended = await (box.settle("b-1", 5) if outcome == "completed" else box.rollback("b-1"))
    assert ended.status == 200
    got = await close_round(box, outcome)
    assert (got.status, got.json["status"]) == (200, outcome)
    return session


@pytest.mark.parametrize("outcome", ["completed", "cancelled"])
async def test_nothing_is_accepted_after_a_rounds_end(outcome: str) -> None:
    """A round that was completed or cancelled refuses bets, wins, rollbacks, starts and any other
    end; what was answered before is still answered, and the round reads as it ended (WAL-60)."""
    async with wallet() as box:
        session = await _play(box, outcome)
        other = "cancelled" if outcome == "completed" else "completed"
        async with nothing_moves(box):
            for late in (
                await box.authorize(session, "b-2", 1),
                await box.rollback("b-2"),
                await _start(box, session),
                await close_round(box, other),
            ):
                require_problem(late, 409, "INVALID_STATE")
                assert late.json["details"]["reason"] == "round_closed"
            require_problem(await box.settle("b-2", 1), 404, "BET_NOT_FOUND")
            again = await (box.settle("b-1", 5) if outcome == "completed" else box.rollback("b-1"))
            assert (again.status, again.replayed) == (200, True)
        assert (await game_round(box))["status"] == outcome


async def test_a_round_with_an_open_bet_cannot_end() -> None:
    """A hold is never dropped by the end of its round, whatever the outcome; once the bet is
    settled the round can be completed, but not cancelled (WAL-60)."""
    async with wallet() as box:
        session = await box.session()
        assert (await box.authorize(session, "b-1", 2)).status == 200
        async with nothing_moves(box):
            for outcome in ("completed", "cancelled"):
                got = await close_round(box, outcome)
                require_problem(got, 409, "INVALID_STATE")
                assert got.json["details"] == {"reason": "open_bets", "open_bets": 1}
        assert (await box.settle("b-1", 0)).status == 200
        got = await close_round(box, "cancelled")
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "settled_bets"
        assert (await close_round(box, "completed")).status == 200


async def test_a_round_ends_once() -> None:
    """Parallel closes with keys of their own: one end, the same bytes for all; of two different
    outcomes in a race one wins (WAL-60)."""
    async with wallet() as box:
        session = await box.session()
        await _start(box, session)
        answers = await asyncio.gather(*(close_round(box, "completed") for _ in range(8)))
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        assert sum(not got.replayed for got in answers) == 1
        await _start(box, session, "r-2")
        race = await asyncio.gather(
            *(close_round(box, outcome, "r-2") for outcome in ("completed", "cancelled"))
        )
        assert sorted(got.status for got in race) == [200, 409]
        (won,) = [got.json["status"] for got in race if got.status == 200]
        assert (await game_round(box, "r-2"))["status"] == won


@pytest.mark.parametrize("first", ["bet", "close"])
async def test_a_bet_races_the_end_of_its_round(first: str) -> None:
    """Either the bet is in and the round stays open, or the round is over and the bet is refused:
    never an open bet in an ended round (WAL-16, WAL-60)."""
    async with wallet() as box:
        session = await box.session()
        await _start(box, session)
        calls = [box.authorize(session, "b-1", 2), close_round(box, "completed")]
        if first == "close":
            calls.reverse()
        answers = await asyncio.gather(*calls)
        assert sorted(got.status for got in answers) == [200, 409]
        shown = await game_round(box)
        assert (shown["status"], shown["open_bets"]) in {("open", 1), ("completed", 0)}


async def test_a_started_round_is_answered_as_it_is() -> None:
    """Starting a round that is open already, by a call or by its first bet, changes nothing; for
    another player it is a DUPLICATE (WAL-64, PRV-27)."""
    async with wallet() as box:
        session = await box.session()
        started = await _start(box, session)
        assert (started.status, started.json["status"]) == (201, "open")
        assert (await _start(box, session)).json == started.json
        assert (await box.authorize(session, "b-1", 2, round_id="r-2")).status == 200
        assert (await _start(box, session, "r-2")).json["open_bets"] == 1
        foreign = await _start(box, await box.session("p_poor"), "r-2")
        require_problem(foreign, 409, "DUPLICATE")
        stranger = await box.authorize(await box.session("p_poor"), "b-2", 1, round_id="r-2")
        require_problem(stranger, 409, "DUPLICATE")


@pytest.mark.parametrize("how", ["expired", "ended"])
async def test_an_open_round_is_found_again_and_finished(how: str) -> None:
    """A player who comes back in a new session finds the open round with its open bets by player,
    can bet on in it, and the round can be finished (WAL-64, WAL-20)."""
    async with wallet() as box:
        old = await box.session()
        for bet_id in ("b-1", "b-2"):
            assert (await box.authorize(old, bet_id, 2)).status == 200
        assert (await box.settle("b-1", 0)).status == 200
        if how == "ended":
            await end_session(box, old)
        else:
            await pass_time(box, HOUR_S)
        new = await box.session()
        await _find_and_finish(box)
        assert (await box.authorize(new, "b-3", 1)).status == 200
        assert (await box.rollback("b-3")).status == 200
        assert (await close_round(box, "completed")).status == 200
        assert await box.balance() == (eur("1001.00"), eur("0.00"))


async def test_an_open_round_is_found_again_after_a_restart(tmp_path: Path) -> None:
    """The same when it was the server that went away (WAL-64)."""
    async with wallet(tmp_path) as box:
        session = await box.session()
        assert (await box.authorize(session, "b-2", 2)).status == 200
    async with wallet(tmp_path) as box:
        await _find_and_finish(box)
        assert (await close_round(box, "completed")).status == 200
        assert await box.balance() == (eur("1003.00"), eur("0.00"))


async def _find_and_finish(box: Sandbox) -> None:
    """What a provider does on reconnect: list what is open, look at its round, settle it."""
    listed = await box.call("GET", "/v1/bets?status=authorized&player_id=p_19f3")
    (found,) = listed.json["items"]
    assert (found["bet_id"], found["round_id"]) == ("b-2", "r-1")
    shown = await game_round(box, found["round_id"])
    assert (shown["status"], shown["open_bets"]) == ("open", 1)
    assert (await box.settle(found["bet_id"], 5, round_id=found["round_id"])).status == 200
