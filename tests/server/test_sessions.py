"""Sessions over the wire: opened, read, ended, and over by themselves (PRV-20, PRV-28, WAL-14).

What a session's limits, locks and builds do to bets is in `tests/wallet`.
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.server.tools import count, require_problem, stored
from tests.support import Got, Sandbox, sandbox

START = "2026-01-01T00:00:00.000Z"
END = "2026-01-01T01:00:00.000Z"
"""A session lasts an hour."""

BODY = {
    "player_id": "p_19f3",
    "game_id": "studio:slot_forge_02",
    "currency": "EUR",
    "locale": "de-DE",
}


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


async def create(box: Sandbox, **changes: Any) -> Got:
    """Ask for a session."""
    return await box.call("POST", "/v1/sessions", {**BODY, **changes})


async def read(box: Sandbox, session: str) -> Any:
    """A session as it is now."""
    got = await box.call("GET", f"/v1/sessions/{session}")
    assert got.status == 200, got.body
    return got.json


async def end(box: Sandbox, session: str, key: str | None = None) -> Got:
    return await box.call("POST", f"/v1/sessions/{session}/end", key=key)


async def advance(box: Sandbox, by_ms: int) -> None:
    """Time passes; tokens are new afterwards."""
    assert (await box.admin("POST", "/clock/advance", {"by_ms": by_ms})).status == 200
    box.tokens.clear()


# Create ------------------------------------------------------------------------------------------


async def test_a_session_is_what_was_asked_for(box: Sandbox) -> None:
    """201 with the id, the state and the hour it lasts; read, it is the same, and its start is
    told (PRV-20, PRV-40)."""
    limits = {"max_bet": 5, "min_bet": 1, "step": 1, "rg_flags": {"reality_check_min": 20}}
    got = await create(box, constraints=limits)
    assert got.status == 201
    opened = got.json
    build = opened.pop("build_hash")
    assert opened == {
        "session_id": opened["session_id"],
        **BODY,
        "geo": "DE",
        "status": "open",
        "created_at": START,
        "expires_at": END,
        "reality_check_due_at": "2026-01-01T00:20:00.000Z",
        "constraints": limits,
    }
    assert await read(box, opened["session_id"]) == {**opened, "build_hash": build}
    (event,) = await box.events(event_type="session.started")
    assert event["session_id"] == opened["session_id"]
    assert event["player_id"] == "p_19f3"
    assert event["build_hash"] == build
    assert event["payload"] == {
        "game_id": BODY["game_id"],
        "currency": "EUR",
        "geo": "DE",
        "expires_at": END,
    }


async def test_each_new_key_opens_another_session(box: Sandbox) -> None:
    """The same player and game again, under another key; the same key gives the same session
    (PRV-20, PRV-30)."""
    first = await box.call("POST", "/v1/sessions", BODY, key="k-1")
    again = await box.call("POST", "/v1/sessions", BODY, key="k-1")
    other = await box.call("POST", "/v1/sessions", BODY, key="k-2")
    assert (again.body, again.replayed) == (first.body, True)
    assert other.json["session_id"] != first.json["session_id"]
    assert count(box, "session") == 2


async def test_the_ids_of_sessions_sort_by_time(box: Sandbox) -> None:
    """Those the server makes, so that a list of them is a history (PRV-02)."""
    ids = []
    for _ in range(5):
        ids.append((await create(box)).json["session_id"])
        await advance(box, 5)
    assert ids == sorted(ids)
    assert len(set(ids)) == 5


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"currency": "USD"}, 422, "CURRENCY_MISMATCH"),
        ({"player_id": "p_usd"}, 422, "CURRENCY_MISMATCH"),
        ({"player_id": "p_uk", "currency": "GBP"}, 404, "NOT_FOUND"),
        ({"player_id": "p_nobody"}, 404, "NOT_FOUND"),
        ({"game_id": "studio:none"}, 404, "NOT_FOUND"),
        ({"build_hash": "sha256:" + "0" * 64}, 422, "BUILD_NOT_CERTIFIED"),
        ({"geo": "NO"}, 422, "BUILD_NOT_CERTIFIED"),
        ({"geo": "GB", "game_id": "studio:slot_vault_x"}, 422, "BUILD_NOT_CERTIFIED"),
        ({"geo": "de"}, 400, "VALIDATION_FAILED"),
        ({"locale": "deutsch!"}, 400, "VALIDATION_FAILED"),
        ({"constraints": {"max_bet": 1.001}}, 400, "VALIDATION_FAILED"),
        ({"constraints": {"step": 0}}, 400, "VALIDATION_FAILED"),
        ({"constraints": {"min_bet": 2, "max_bet": 1}}, 400, "VALIDATION_FAILED"),
        ({"constraints": {"max_bet": -1}}, 400, "VALIDATION_FAILED"),
        ({"constraints": {"rg_flags": {"reality_check_min": 0}}}, 400, "VALIDATION_FAILED"),
        ({"constraints": {"rg_flags": {"reality_check_min": 1.5}}}, 400, "VALIDATION_FAILED"),
    ],
)
async def test_a_session_that_cannot_be_is_not_opened(
    box: Sandbox, changes: dict[str, Any], status: int, code: str
) -> None:
    """Another currency, nobody's player, no such game, a build that is not certified there, limits
    that are none: refused, and no session or event comes of it (PRV-20, PRV-26, RGS-22)."""
    require_problem(await create(box, **changes), status, code)
    assert count(box, "session") == 0
    assert await box.events(event_type="session.started") == []


async def test_a_whole_number_may_have_a_fraction_of_zero(box: Sandbox) -> None:
    """20.0 is the integer 20, as JSON Schema has it: accepted, and the same request (PRV-30)."""
    for text in ("20", "20.0", "2E1"):
        checks = {"rg_flags": {"reality_check_min": Decimal(text)}}
        got = await box.call("POST", "/v1/sessions", {**BODY, "constraints": checks}, key="k-1")
        assert got.status == 201, got.body
        assert got.replayed is (text != "20")
        assert got.json["constraints"] == {"rg_flags": {"reality_check_min": 20}}


# End ---------------------------------------------------------------------------------------------


async def test_an_ended_session_takes_no_bets(box: Sandbox) -> None:
    """It reads `ended` with the time, is told once, and refuses every new bet (PRV-20, WAL-14)."""
    session = await box.session()
    await advance(box, 1_000)
    got = await end(box, session)
    assert got.status == 200
    assert (got.json["status"], got.json["ended_at"]) == ("ended", "2026-01-01T00:00:01.000Z")
    assert await read(box, session) == got.json
    refused = await box.authorize(session, "b-1", 1)
    require_problem(refused, 409, "INVALID_STATE")
    assert refused.json["details"]["reason"] == "session_ended"
    (event,) = await box.events(event_type="session.ended")
    assert event["session_id"] == session


async def test_ending_twice_is_ending_once(box: Sandbox) -> None:
    """By a repeat, or by a new key later: the same answer, and one event (PRV-30, WAL-08)."""
    session = await box.session()
    first = await end(box, session, "k-1")
    repeat = await end(box, session, "k-1")
    await advance(box, 60_000)
    later = await end(box, session, "k-2")
    assert (repeat.body, repeat.replayed) == (first.body, True)
    assert (later.status, later.json) == (200, first.json)
    assert not later.replayed
    assert len(await box.events(event_type="session.ended")) == 1


@pytest.mark.parametrize("over", ["ended", "expired"])
async def test_open_bets_outlive_their_session(box: Sandbox, over: str) -> None:
    """They are settled and rolled back as before; money is never left held (WAL-20, WAL-46)."""
    session = await box.session()
    await box.authorize(session, "b-1", 10)
    await box.authorize(session, "b-2", 10)
    if over == "ended":
        await end(box, session)
    else:
        await advance(box, 3_600_000)
    assert (await read(box, session))["status"] == over
    assert (await box.settle("b-1", 30)).status == 200
    assert (await box.rollback("b-2")).status == 200
    available, held = await box.balance()
    assert (int(available), int(held)) == (1020, 0)
    await box.require_sound()


async def test_other_sessions_of_the_player_go_on(box: Sandbox) -> None:
    """Ending one ends that one (WAL-14)."""
    one, other = await box.session(), await box.session()
    await end(box, one)
    assert (await read(box, other))["status"] == "open"
    assert (await box.authorize(other, "b-1", 1)).status == 200


# Expiry ------------------------------------------------------------------------------------------


async def test_a_session_expires_with_the_clock(box: Sandbox) -> None:
    """Open until its last millisecond, expired from its `expires_at` on: no bet, no round and no
    acknowledgement any more (SBX-03, WAL-14)."""
    checks = {"rg_flags": {"reality_check_min": 1440}}
    session = await box.session(constraints=checks)
    await advance(box, 3_599_999)
    assert (await read(box, session))["status"] == "open"
    assert (await box.authorize(session, "b-1", 1)).status == 200
    await advance(box, 1)
    expired = await read(box, session)
    assert (expired["status"], expired["expires_at"]) == ("expired", END)
    assert "ended_at" not in expired
    start = {"round_id": "r-2", "session_id": session}
    for got in (
        await box.authorize(session, "b-2", 1),
        await box.call("POST", "/v1/rounds", start),
        await box.call("POST", f"/v1/sessions/{session}/acknowledge"),
    ):
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "session_expired"
        assert END in got.json["message"]


async def test_an_expired_session_can_be_ended(box: Sandbox) -> None:
    """Then it is ended, and says when (PRV-20)."""
    session = await box.session()
    await advance(box, 7_200_000)
    got = await end(box, session)
    assert (got.status, got.json["status"]) == (200, "ended")
    assert got.json["ended_at"] == "2026-01-01T02:00:00.000Z"


# Reality checks ----------------------------------------------------------------------------------


async def test_a_reality_check_comes_back_until_it_is_acknowledged(box: Sandbox) -> None:
    """Due, it blocks bets on this session; acknowledged, the next one is due a whole interval
    later, and that is told (PRV-28, PRV-40, WAL-65)."""
    session = await box.session(constraints={"rg_flags": {"reality_check_min": 20}})
    await advance(box, 20 * 60_000)
    blocked = await box.authorize(session, "b-1", 1)
    require_problem(blocked, 403, "RG_BLOCK")
    assert blocked.json["details"]["reason"] == "reality_check"
    await advance(box, 5 * 60_000)
    seen = await box.call("POST", f"/v1/sessions/{session}/acknowledge")
    assert (seen.status, seen.json["status"]) == (200, "open")
    assert seen.json["reality_check_due_at"] == "2026-01-01T00:45:00.000Z"
    assert await read(box, session) == seen.json
    assert (await box.authorize(session, "b-2", 1)).status == 200
    (event,) = await box.events(event_type="rg.reality_check")
    assert event["session_id"] == session
    assert event["payload"] == {"acknowledged": True}


async def test_a_session_without_checks_has_none_to_acknowledge(box: Sandbox) -> None:
    """Nothing is due in it, now or later, and nothing is stored (PRV-28)."""
    session = await box.session()
    assert "reality_check_due_at" not in await read(box, session)
    events = len(await box.events())
    got = await box.call("POST", f"/v1/sessions/{session}/acknowledge")
    require_problem(got, 409, "INVALID_STATE")
    assert len(await box.events()) == events
    await advance(box, 3_599_999)
    assert (await box.authorize(session, "b-1", 1)).status == 200


async def test_an_ended_session_acknowledges_nothing(box: Sandbox) -> None:
    """What is over has no next check (PRV-28, WAL-14)."""
    session = await box.session(constraints={"rg_flags": {"reality_check_min": 20}})
    ended = (await end(box, session)).json
    got = await box.call("POST", f"/v1/sessions/{session}/acknowledge")
    require_problem(got, 409, "INVALID_STATE")
    assert got.json["details"]["reason"] == "session_ended"
    assert await read(box, session) == ended


async def test_reading_changes_nothing(box: Sandbox) -> None:
    """Neither of an open, an ended nor an expired session (PRV-20)."""
    session = await box.session()
    before = stored(box)
    first = await read(box, session)
    assert await read(box, session) == first
    assert stored(box) == before
    await advance(box, 3_600_000)
    before = stored(box)
    await read(box, session)
    assert stored(box) == before
