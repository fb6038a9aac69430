"""Responsible gaming: limits on session time, and time out. (WAL-13, WAL-28, WAL-66)"""

from typing import Any

import pytest

from tests.support import Sandbox
from tests.wallet.rg_tools import DAY_S, limits, pay, require_hit
from tests.wallet.tools import nothing_moves, pass_time, set_limit, wallet


async def take_time_out(box: Sandbox, until: str) -> Any:
    """Have the player take time out; the player as the owner sees them."""
    got = await box.admin("PATCH", "/players/p_19f3", {"time_out_until": until})
    assert got.status == 200, got.body
    return got.json


# Time --------------------------------------------------------------------------------------------


async def minutes_left(box: Sandbox, period: str = "day") -> int:
    return int((await limits(box))[f"session {period}"]["left_minutes"])


async def test_session_time_runs_while_a_session_is_open() -> None:
    """From its opening to its end, and not between sessions; when it is over bets are refused, in
    any session, and wins land (WAL-13, WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "session", 30)
        first = await box.session()
        await pass_time(box, 20 * 60)
        await box.authorize(first, "b-1", 1)
        await box.call("POST", f"/v1/sessions/{first}/end")
        assert await minutes_left(box) == 10
        await pass_time(box, 3600)
        assert await minutes_left(box) == 10
        second = await box.session()
        await pass_time(box, 10 * 60 - 1)
        assert (await box.authorize(second, "b-2", 1)).status == 200
        await pass_time(box, 1)
        got = await box.authorize(second, "b-3", 0)
        await require_hit(box, got, "session")
        assert got.json["details"]["minutes"] == 30
        await require_hit(box, await box.authorize(await box.session(), "b-4", 1), "session")
        assert (await box.settle("b-1", 5)).status == 200
        assert (await box.rollback("b-2")).status == 200


async def test_two_sessions_at_once_are_one_time() -> None:
    """The time in which at least one is open counts once; a session that expires stops by itself;
    the end of one that is over already changes nothing (WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "session", 300)
        first = await box.session()
        await pass_time(box, 1800)
        second = await box.session()
        await pass_time(box, 900)
        await box.call("POST", f"/v1/sessions/{second}/end")
        assert await minutes_left(box) == 300 - 45
        await pass_time(box, 7200)  # the first has expired a quarter of an hour after that
        assert await minutes_left(box) == 300 - 60
        await box.call("POST", f"/v1/sessions/{first}/end")
        assert await minutes_left(box) == 300 - 60


async def test_a_new_time_limit_counts_what_was_played() -> None:
    """Sessions of the day that are over, expired or still open; overlaps once (WAL-66)."""
    async with wallet() as box:
        ended = await box.session()
        await pass_time(box, 600)
        await box.call("POST", f"/v1/sessions/{ended}/end")
        await pass_time(box, 600)
        await box.session()
        await pass_time(box, 1800)
        await box.session()  # overlaps by half an hour: 90 minutes together
        await pass_time(box, 7200)
        await box.session()
        await pass_time(box, 300)
        await set_limit(box, "session", 300)
        assert await minutes_left(box) == 300 - 10 - 90 - 5
        await pass_time(box, 300)
        assert await minutes_left(box) == 300 - 10 - 90 - 10
        await set_limit(box, "session", 600, "week")
        assert await minutes_left(box, "week") == 600 - 110
        assert await minutes_left(box) == 300 - 110, "the other limit goes on as it was"


async def test_a_session_over_midnight_is_of_both_days() -> None:
    """Each day counts its own part (WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "session", 100)
        await set_limit(box, "session", 500, "week")
        await pass_time(box, DAY_S - 1200)
        session = await box.session()
        await pass_time(box, 1800)
        assert await minutes_left(box) == 90
        await box.call("POST", f"/v1/sessions/{session}/end")
        assert (await minutes_left(box), await minutes_left(box, "week")) == (90, 470)


# Time out ----------------------------------------------------------------------------------------


async def test_time_out_stops_bets_and_deposits_until_it_is_over() -> None:
    """At once, until that second; wins, rollbacks and withdrawals land (WAL-13, WAL-28)."""
    async with wallet() as box:
        session = await box.session()
        await box.authorize(session, "b-1", 5)
        await box.authorize(session, "b-2", 5)
        shown = await take_time_out(box, "2026-01-01T00:10:00Z")
        assert shown["time_out_until"] == "2026-01-01T00:10:00.000Z"
        async with nothing_moves(box):
            for got in (await box.authorize(session, "b-3", 1), await pay(box, "deposit", 5)):
                assert (got.status, got.json["details"]["reason"]) == (403, "time_out")
        assert (await box.settle("b-1", 9)).status == 200
        assert (await box.rollback("b-2")).status == 200
        assert (await pay(box, "withdrawal", 5, "pay-2")).status == 200
        await pass_time(box, 599)
        assert (await box.authorize(session, "b-4", 1)).code == "RG_BLOCK"
        await pass_time(box, 1)
        assert (await box.authorize(session, "b-5", 1)).status == 200
        rg = (await box.call("GET", "/v1/players/p_19f3")).json["rg"]
        assert rg == {"self_excluded": False}


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        ("2026-01-20T00:00:00Z", "2026-01-20T00:00:00.000Z"),
        ("2026-01-03T00:00:00Z", "2026-01-03T00:00:00.000Z"),
        ("2026-01-01T01:00:00Z", "2026-01-02T00:00:00.000Z"),
        ("1999-01-01T00:00:00Z", "2026-01-02T00:00:00.000Z"),
    ],
)
async def test_time_out_gets_longer_at_once_and_shorter_in_a_day(until: str, shown: str) -> None:
    """A time out until the tenth can be made longer; made shorter it lasts a day at least
    (WAL-66)."""
    async with wallet() as box:
        await take_time_out(box, "2026-01-10T00:00:00Z")
        assert (await take_time_out(box, until))["time_out_until"] == shown


async def test_a_short_time_out_is_not_made_longer_by_shortening_it() -> None:
    """An hour's time out that is taken back ends after its hour."""
    async with wallet() as box:
        await take_time_out(box, "2026-01-01T01:00:00Z")
        shown = await take_time_out(box, "2026-01-01T00:00:00Z")
        assert shown["time_out_until"] == "2026-01-01T01:00:00.000Z"
