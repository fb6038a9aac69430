"""Test players with a script: what happens to them in the middle of a round (RGS-32).

The table is in docs/test-world.md, and these tests are what makes it true.
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.inhabitants import PLAYERS
from simulator.wallet import scripted
from tests.play.tools import Casino, casino
from tests.server.tools import require_problem
from tests.support import Got

PAGE = Path(__file__).resolve().parents[2] / "docs" / "test-world.md"
TIMINGS = ("hold_first", "debit_first", "outcome_first")


@pytest.fixture
async def house() -> AsyncIterator[Casino]:
    async with casino() as opened:
        yield opened


def require_reason(got: Got, status: int, code: str, reason: str) -> None:
    require_problem(got, status, code)
    assert got.json["details"]["reason"] == reason, got.body


@pytest.mark.parametrize("timing", TIMINGS)
async def test_excluded_in_the_middle_of_a_round(house: Casino, timing: str) -> None:
    """What is paid for is finished, its win lands; the next paid spin is refused at once, and where
    it was spun before its debit it is void (RGS-31, WAL-13, WAL-28)."""
    session = await house.open("p_excluded_midround", debit_timing=timing)
    first = await house.play(session, "r-1")
    assert first.status == 200, first.body
    player = (await house.box.call("GET", "/v1/players/p_excluded_midround")).json
    assert player["rg"]["self_excluded"]
    require_reason(await house.play(session, "r-2"), 403, "RG_BLOCK", "self_excluded")
    again = await house.open("p_excluded_midround", debit_timing=timing)
    require_problem(await house.play(again, "r-3"), 403, "RG_BLOCK")
    win = first.json["win"]["amount"]
    assert await house.box.balance("p_excluded_midround") == (998 + win, Decimal(0))
    await house.require_agreement()


@pytest.mark.parametrize(
    ("timing", "status", "code"),
    [
        ("hold_first", 422, "LIMIT_EXCEEDED"),
        ("debit_first", 422, "LIMIT_EXCEEDED"),
        ("outcome_first", 403, "RG_BLOCK"),
    ],
)
async def test_a_limit_on_the_fifth_spin(
    house: Casino, timing: str, status: int, code: str
) -> None:
    """Four stakes of 1.00 are accepted, the fifth is over the player's own limit: the wallet's, or
    that of the studio where it is asked first; tomorrow is another day (WAL-66, RGS-31)."""
    session = await house.open("p_limit_on_5th", debit_timing=timing)
    for n in range(4):
        assert (await house.play(session, f"r-{n}", 1)).status == 200
    require_problem(await house.play(session, "r-5", 1), status, code)
    await house.box.admin("POST", "/clock/advance", {"by_ms": 86_400_000})
    house.box.tokens.clear()
    session = await house.open("p_limit_on_5th", debit_timing=timing)
    assert (await house.play(session, "r-6", 1)).status == 200
    await house.require_agreement()


@pytest.mark.parametrize("timing", TIMINGS[:2])
async def test_a_reality_check_is_due(house: Casino, timing: str) -> None:
    """After each bet the next one is refused until the player has seen the reality check
    (WAL-65, PRV-28)."""
    session = await house.open("p_reality_check", debit_timing=timing)
    for n in range(2):
        assert (await house.play(session, f"r-{n}")).status == 200
        for m in range(2):
            got = await house.play(session, f"r-{n}-{m}")
            require_reason(got, 403, "RG_BLOCK", "reality_check")
        got = await house.box.call("POST", f"/v1/sessions/{session}/acknowledge")
        assert got.status == 200, got.body
    await house.require_agreement()


async def test_a_reality_check_is_acknowledged_in_one_place(house: Casino) -> None:
    """Whether the wallet or the studio reminds the player, one call to play lets rounds go on; it
    names who had one to acknowledge (PRV-28, WAL-65, RGS-30)."""
    session = await house.open("p_reality_check", debit_timing="outcome_first")
    path = f"/sessions/{session}/acknowledge"
    assert (await house.play(session, "r-1")).status == 200
    got = await house.box.call("POST", f"/v1/sessions/{session}/acknowledge")
    assert got.status == 200
    assert (await house.play(session, "r-2")).status == 200
    got = await house.play(session, "r-3")
    require_reason(got, 403, "RG_BLOCK", "reminder")
    assert got.json["details"]["by"] == "rgs"
    done = await house.call("POST", path, key="seen")
    assert (done.status, done.json["acknowledged"]) == (200, ["wallet", "rgs"])
    assert (await house.call("POST", path, key="seen")).body == done.body
    assert (await house.play(session, "r-4")).status == 200
    await house.require_agreement()
    require_problem(await house.call("POST", "/sessions/s-none/acknowledge"), 404, "NOT_FOUND")


@pytest.mark.parametrize("timing", TIMINGS)
async def test_a_session_expires_in_the_middle_of_a_round(house: Casino, timing: str) -> None:
    """The win of the round is accepted after the session expired; the next stake is refused, and a
    new session goes on (WAL-14, WAL-20)."""
    session = await house.open("p_session_expires", debit_timing=timing)
    assert (await house.play(session, "r-1")).status == 200
    require_reason(await house.play(session, "r-2"), 409, "INVALID_STATE", "session_expired")
    session = await house.open("p_session_expires", debit_timing=timing)
    assert (await house.play(session, "r-3")).status == 200
    await house.require_agreement()


async def test_a_reset_makes_them_as_they_were(house: Casino) -> None:
    """A script runs again in a world that is made anew."""
    session = await house.open("p_excluded_midround")
    assert (await house.play(session, "r-1")).status == 200
    require_problem(await house.play(session, "r-2"), 403, "RG_BLOCK")
    await house.box.admin("POST", "/reset")
    house.box.tokens.clear()
    fresh = Casino(house.box)
    session = await fresh.open("p_excluded_midround")
    assert (await fresh.play(session, "r-1")).status == 200


async def test_scripts_run_without_play_too(house: Casino) -> None:
    """A provider that calls `/v1` itself meets the same player (RGS-32)."""
    session = await house.box.session("p_session_expires")
    assert (await house.box.authorize(session, "b-1", 2)).status == 200
    got = await house.box.authorize(session, "b-2", 2, round_id="r-2")
    require_reason(got, 409, "INVALID_STATE", "session_expired")
    assert (await house.box.settle("b-1", 3)).status == 200
    await house.box.require_sound()


def test_the_page_tells_every_player_and_every_script() -> None:
    """docs/test-world.md shows the players as they are made, and each scripted one with what
    follows."""
    page = PAGE.read_text()
    for brand, player, country, _name, _city, money, excluded in PLAYERS:
        line = next(line for line in page.splitlines() if line.startswith(f"| `{player}` |"))
        assert [cell.strip() for cell in line.split("|")][2:5] == [f"`{brand}`", country, money]
        assert ("self-excluded: bets" in line) == excluded
    told = page.partition("### Players with a script")[2]
    assert set(scripted.SCRIPTS) | {"p_limit_on_5th"} == {
        line.split("`")[1] for line in told.splitlines() if line.startswith("| `p_")
    }
