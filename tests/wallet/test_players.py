"""Players: locks and reality checks bind at once, and only where they should.

Wins and rollbacks during a lock: `test_settle.py` and `test_rollback.py` (WAL-13, WAL-28). A
refusal that outlives its lock under the same key: `tests/server/test_idempotency.py`.
"""

import asyncio

import pytest

from tests.server.tools import require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import LOCKS, end_session, eur, lock, nothing_moves, pass_time, wallet

CHECK_MIN = 20


async def _checked_session(box: Sandbox) -> str:
    """A session with a reality check every 20 minutes."""
    return await box.session(constraints={"rg_flags": {"reality_check_min": CHECK_MIN}})


async def _acknowledge(box: Sandbox, session: str, key: str | None = None) -> Got:
    return await box.call("POST", f"/v1/sessions/{session}/acknowledge", key=key)


def _require_blocked(got: Got, reason: str) -> None:
    require_problem(got, 403, "RG_BLOCK")
    assert (got.json["details"]["reason"], got.json["retryable"]) == (reason, False)


@pytest.mark.parametrize("reason", LOCKS)
async def test_a_lock_binds_from_the_next_bet_on(reason: str) -> None:
    """In the middle of a session, in a session opened afterwards, and for a zero stake too: every
    bet is refused at once; other players go on betting (WAL-13)."""
    async with wallet() as box:
        session = await box.session()
        assert (await box.authorize(session, "b-1", 1)).status == 200
        await lock(box, reason)
        later = await box.session()
        async with nothing_moves(box):
            for number, where in enumerate((session, later)):
                _require_blocked(await box.authorize(where, f"b-2{number}", 1), reason)
                _require_blocked(await box.authorize(where, f"b-3{number}", 0), reason)
        assert (await box.call("GET", "/v1/players/p_19f3")).json["held"]["amount"] == eur("1.00")
        free = await box.session("p_poor")
        assert (await box.authorize(free, "b-4", 1, round_id="r-2")).status == 200


async def test_a_lifted_lock_lets_new_bets_in() -> None:
    """Once the lock is gone a new bet is taken: it was the lock that refused (WAL-13)."""
    async with wallet() as box:
        session = await box.session()
        await lock(box, "disabled")
        _require_blocked(await box.authorize(session, "b-1", 1), "disabled")
        assert (await box.admin("PATCH", "/players/p_19f3", {"status": "active"})).status == 200
        assert (await box.authorize(session, "b-2", 1)).status == 200


async def test_a_self_exclusion_that_the_session_brings_binds_that_session() -> None:
    """A caller that says the player excluded themselves is believed for its session (WAL-13)."""
    async with wallet() as box:
        flags = {"rg_flags": {"self_exclusion": True}}
        session = await box.session(constraints=flags)
        _require_blocked(await box.authorize(session, "b-1", 1), "self_excluded")
        assert (await box.authorize(await box.session(), "b-2", 1)).status == 200


async def test_a_lock_is_told_before_the_session_and_the_funds() -> None:
    """Responsible gaming comes first: a locked player is told so in an ended session and beyond
    their funds too (WAL-13, WAL-14)."""
    async with wallet() as box:
        session = await box.session("p_poor")
        await end_session(box, session)
        await lock(box, "self_excluded", "p_poor")
        _require_blocked(await box.authorize(session, "b-1", 500), "self_excluded")


async def test_a_due_reality_check_blocks_until_it_is_acknowledged() -> None:
    """Until the instant it is due bets are taken; from then on each one is refused, however often
    it is tried, until the player has seen it; then the next one is due a whole interval later
    (WAL-65, PRV-28)."""
    async with wallet() as box:
        session = await _checked_session(box)
        await pass_time(box, CHECK_MIN * 60 - 1)
        assert (await box.authorize(session, "b-1", 1)).status == 200
        await pass_time(box, 1)
        async with nothing_moves(box):
            for bet_id in ("b-2", "b-3", "b-4"):
                _require_blocked(await box.authorize(session, bet_id, 1), "reality_check")
        assert (await _acknowledge(box, session)).status == 200
        assert (await box.authorize(session, "b-5", 1)).status == 200
        await pass_time(box, CHECK_MIN * 60 - 1)
        assert (await box.authorize(session, "b-6", 1)).status == 200
        await pass_time(box, 1)
        _require_blocked(await box.authorize(session, "b-7", 1), "reality_check")


async def test_a_due_reality_check_holds_no_win_back() -> None:
    """Wins and rollbacks land while a check is due; other sessions of the player go on (WAL-65,
    WAL-28)."""
    async with wallet() as box:
        session = await _checked_session(box)
        for bet_id in ("b-1", "b-2"):
            assert (await box.authorize(session, bet_id, 2)).status == 200
        await pass_time(box, CHECK_MIN * 60)
        assert (await box.settle("b-1", 5)).status == 200
        assert (await box.rollback("b-2")).status == 200
        assert await box.balance() == (eur("1003.00"), eur("0.00"))
        assert (await box.authorize(await box.session(), "b-3", 1)).status == 200


async def test_a_repeated_acknowledgement_acknowledges_once() -> None:
    """A late copy of an acknowledgement does not put off the next check: the player has not seen
    that one (WAL-65, PRV-30)."""
    async with wallet() as box:
        session = await _checked_session(box)
        await pass_time(box, CHECK_MIN * 60)
        assert (await _acknowledge(box, session, key="k-seen")).status == 200
        await pass_time(box, CHECK_MIN * 60)
        assert (await _acknowledge(box, session, key="k-seen")).replayed
        _require_blocked(await box.authorize(session, "b-1", 1), "reality_check")


async def test_a_reached_limit_always_blocks() -> None:
    """No acknowledgement and no repetition lets a stake beyond its limit in (WAL-65, WAL-15)."""
    async with wallet() as box:
        limits = {"max_bet": 5, "rg_flags": {"reality_check_min": CHECK_MIN}}
        session = await box.session(constraints=limits)
        async with nothing_moves(box):
            for bet_id in ("b-1", "b-2", "b-3"):
                require_problem(await box.authorize(session, bet_id, 6), 422, "LIMIT_EXCEEDED")
        assert (await _acknowledge(box, session)).status == 200
        require_problem(await box.authorize(session, "b-4", 6), 422, "LIMIT_EXCEEDED")
        assert (await box.authorize(session, "b-5", 5)).status == 200


async def test_a_provider_sees_no_personal_data() -> None:
    """A player is read by their pseudonym with money and locks, without the name and the town that
    their operator knows (PRV-01, PRV-24, PRV-63)."""
    async with wallet() as box:
        await lock(box, "self_excluded")
        shown = await box.call("GET", "/v1/players/p_19f3")
        assert shown.json["rg"]["self_excluded"] is True
        assert shown.json["available"]["amount"] == eur("1000.00")
        items = (await box.admin("GET", "/players")).json["items"]
        (known,) = [player for player in items if player["player_id"] == "p_19f3"]
        for private in ("name", "city"):
            assert known[private]
            assert private not in shown.json
            assert known[private].encode() not in shown.body


async def test_a_payment_is_posted_once() -> None:
    """One `payment_id` is one payment however often, and however parallel, it is sent; another
    amount under it is refused (SBX-16)."""
    async with wallet() as box:
        body = {"payment_id": "pay-1", "amount": {"amount": eur("5.00"), "currency": "EUR"}}
        fund = [box.admin("POST", "/players/p_poor/fund", body) for _ in range(8)]
        answers = [
            *await asyncio.gather(*fund),
            await box.admin("POST", "/players/p_poor/fund", body),
        ]
        assert {got.body for got in answers} == {answers[0].body}
        other = {**body, "amount": {"amount": eur("6.00"), "currency": "EUR"}}
        refused = await box.admin("POST", "/players/p_poor/fund", other)
        require_problem(refused, 409, "DUPLICATE")
        assert await box.balance("p_poor") == (eur("6.00"), eur("0.00"))
