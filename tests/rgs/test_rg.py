"""Responsible gaming at the studio: it binds at once, and what is paid for finishes.

(RGS-30, RGS-31, RGS-32)
"""

from typing import Any

import pytest

from simulator.rgs import practice
from tests.rgs.tools import Studio, studio
from tests.server.tools import require_problem


async def _exclude(at: Studio, excluded: bool = True, change: str = "c-1") -> Any:
    body = {"change_id": change, "self_excluded": excluded}
    return await at.ok("POST", "/players/p_19f3/rg", body)


def _require_blocked(got: Any, reason: str) -> None:
    require_problem(got, 403, "RG_BLOCKED")
    assert got.json["details"]["reason"] == reason
    assert got.json["retryable"] is False


async def test_an_exclusion_binds_the_next_paid_spin_of_every_session() -> None:
    """Mid-session, at once, in each open session: cash, bonus and tournament play is refused; what
    was played is answered again and read; the round can be ended (RGS-31)."""
    async with studio() as at:
        await at.open("s-1")
        await at.open("s-2")
        first = await at.spin("spin-1")
        await _exclude(at)
        for session in ("s-1", "s-2"):
            late = await at.spin(f"x-{session}", session_id=session, round_id=f"r-{session}")
            _require_blocked(late, "self_excluded")
        bonus = await at.spin("x-bonus", spin_type="bonus")
        _require_blocked(bonus, "self_excluded")
        assert (await at.spin("spin-1")).body == first.body
        assert (await at.ok("GET", "/spins/spin-1/replay"))["same"] is True
        assert (await at.ok("POST", "/rounds/rnd-1/end"))["status"] == "completed"
        assert at.rows("spin") == 1
        told = [event["payload"]["reason"] for event in await at.events("rg_event")]
        assert told == ["self_excluded"] * 4
        await at.require_sound()


async def test_free_spins_that_were_given_finish() -> None:
    """They are paid for already; new ones are not given (RGS-31, RGS-40)."""
    async with studio() as at:
        await at.open()
        grant = {
            "grant_id": "fs-1",
            "player_id": "p_19f3",
            "game_id": "studio:slot_forge_02",
            "count": 1,
            "bet_size": {"amount": 1, "currency": "EUR"},
        }
        await at.ok("POST", "/free-spins", grant)
        await _exclude(at)
        assert (await at.spin("free-1", spin_type="free", grant_id="fs-1")).status == 200
        late = await at.call("POST", "/free-spins", {**grant, "grant_id": "fs-2"})
        _require_blocked(late, "self_excluded")


async def test_an_exclusion_ends_only_when_the_platform_says_so() -> None:
    """A new session whose flags say nothing does not lift it; the platform's change does; each
    change happens once, however often it is sent (RGS-31)."""
    async with studio() as at:
        await at.open("s-1", rg_flags={"self_excluded": True})
        opened = await at.open("s-2")
        assert opened["rg"]["self_excluded"] is True
        _require_blocked(await at.spin("a", session_id="s-2"), "self_excluded")
        await _exclude(at, excluded=False, change="c-2")
        assert (await at.spin("b", session_id="s-2")).status == 200
        await _exclude(at, change="c-3")
        await _exclude(at, excluded=False, change="c-2")  # a late copy of what is over
        _require_blocked(await at.spin("c", session_id="s-2"), "self_excluded")
        other = {"change_id": "c-2", "self_excluded": True}
        got = await at.call("POST", "/players/p_19f3/rg", other, headers={"X-Idempotency-Key": "k"})
        require_problem(got, 409, "DUPLICATE")


async def test_the_tokens_flags_bind_too() -> None:
    """Excluded, or a shorter time, in token or body: the stricter of the two (RGS-02)."""
    async with studio() as at:
        token = at.token(rg_flags={"self_excluded": True, "time_limit_min": 10})
        opened = await at.open(jwt=token, rg_flags={"time_limit_min": 60})
        assert (opened["rg"]["self_excluded"], opened["rg"]["time_limit_min"]) == (True, 10)
        _require_blocked(await at.spin(), "self_excluded")


async def test_a_time_limit_ends_play_to_the_millisecond() -> None:
    """One millisecond before its limit a session plays, at the limit it does not, and that is told;
    the spin says how long the session has been going on (RGS-30)."""
    async with studio() as at:
        await at.open(rg_flags={"self_excluded": False, "time_limit_min": 20})
        await at.advance(20 * 60_000 - 1)
        played = await at.played("spin-1")
        assert played["rg"]["session_time_ms"] == 20 * 60_000 - 1
        await at.advance(1)
        _require_blocked(await at.spin("spin-2"), "time_limit")
        (event,) = await at.events("rg_event")
        assert event["payload"]["session_time_ms"] == 20 * 60_000


async def test_a_reminder_waits_until_it_is_acknowledged() -> None:
    """Due by the market's interval, it blocks; acknowledged, the next is due an interval later;
    another reminder than the one that waits is 409 (RGS-30)."""
    async with studio() as at:
        opened = await at.open("s-1", geo="CA", currency="EUR", displayed=["age_19"])
        assert (opened["market"], opened["rules"]["reminder_min"]) == ("ca_on", 30)
        reminder = opened["rg"]["reminder_id"]
        await at.advance(30 * 60_000)
        _require_blocked(await at.spin("spin-1"), "reminder")
        wrong = await at.call("POST", "/sessions/s-1/acknowledge", {"reminder_id": "s-1/9"})
        require_problem(wrong, 409, "INVALID_STATE")
        seen = await at.ok("POST", "/sessions/s-1/acknowledge", {"reminder_id": reminder})
        assert seen["rg"]["reminder_id"] != reminder
        assert (await at.spin("spin-2")).status == 200
        again = await at.ok("POST", "/sessions/s-1/acknowledge", {"reminder_id": reminder})
        assert again == seen


async def test_long_reports_are_different_reports() -> None:
    """What is reported is the report's key, to its last label (RGS-33, PRV-35)."""
    async with studio() as at:
        await at.open()
        labels = [f"{'a' * 36}{n:02}" for n in range(20)]
        await at.ok("POST", "/sessions/s-1/displayed", {"displayed": labels})
        other = [*labels[:-1], "age_18"]
        told = await at.ok("POST", "/sessions/s-1/displayed", {"displayed": other})
        assert told["displayed"] == [*labels, "age_18"]


# The test players ---------------------------------------------------------------------------------

SCRIPTS = {
    practice.EXCLUDED_MIDROUND: (1, "RG_BLOCKED", "self_excluded"),
    practice.LIMIT_ON_5TH: (4, "RG_BLOCKED", "limit_reached"),
    practice.REALITY_CHECK: (2, "RG_BLOCKED", "reminder"),
    practice.SESSION_EXPIRES: (3, "INVALID_STATE", "session_expired"),
}


@pytest.mark.parametrize("player", SCRIPTS)
async def test_what_happens_to_a_test_player(player: str) -> None:
    """So many paid spins, then the failure that the player stands for, mid-round; every run the
    same. Nobody else is touched by it (RGS-32)."""
    good, code, reason = SCRIPTS[player]
    async with studio() as at:
        await at.open(player_id=player)
        for n in range(good):
            await at.played(f"spin-{n}")
        for n in range(2):
            got = await at.spin(f"late-{n}")
            assert (got.code, got.json["details"]["reason"]) == (code, reason)
        await at.open("s-2")
        for n in range(good + 1):
            await at.played(f"other-{n}", session_id="s-2", round_id="rnd-2")


async def test_the_reminded_test_player_goes_on() -> None:
    """Acknowledged, the early reminder is over (RGS-32)."""
    async with studio() as at:
        opened = await at.open(player_id=practice.REALITY_CHECK)
        for n in range(2):
            await at.played(f"spin-{n}")
        _require_blocked(await at.spin("late"), "reminder")
        seen = {"reminder_id": opened["rg"]["reminder_id"]}
        await at.ok("POST", "/sessions/s-1/acknowledge", seen)
        await at.played("spin-3")


def test_every_test_player_has_a_test() -> None:
    """The list that is documented is the list that is tested (RGS-32)."""
    assert set(SCRIPTS) == set(practice.PLAYERS)
