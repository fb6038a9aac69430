"""Play sessions: open on both sides or on none, and what a transfer session takes along."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.play.tools import GAME, MODELS, Casino, casino, won
from tests.rgs.tools import Studio
from tests.server.tools import require_problem


@pytest.fixture
async def house() -> AsyncIterator[Casino]:
    async with casino() as opened:
        yield opened


async def test_a_session_is_one_on_three_sides(house: Casino) -> None:
    """One id at the platform, at the studio and here; the build is the one that the studio plays in
    the player's country and the platform has certified (PRV-20, RGS-01, RGS-22)."""
    session = await house.open()
    mine = (await house.call("GET", f"/sessions/{session}")).json
    wallet = (await house.box.call("GET", f"/v1/sessions/{session}")).json
    studio = (
        await house.box.call("GET", f"/rgs/v1/sessions/{session}", client="platform-demo")
    ).json
    assert mine["build_hash"] == wallet["build_hash"] == studio["build_hash"]
    assert (mine["status"], studio["status"], wallet["status"]) == ("open",) * 3
    assert (mine["geo"], mine["modes"]) == (studio["geo"], studio["modes"])
    got = await house.call("POST", f"/sessions/{session}/end")
    assert got.json["status"] == "ended"
    wallet = (await house.box.call("GET", f"/v1/sessions/{session}")).json
    studio = (
        await house.box.call("GET", f"/rgs/v1/sessions/{session}", client="platform-demo")
    ).json
    assert (studio["status"], wallet["status"]) == ("ended",) * 2
    again = await house.call("POST", f"/sessions/{session}/end", key="again")
    assert again.json == got.json


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"player_id": "p_nobody"}, 404, "NOT_FOUND"),
        ({"currency": "USD"}, 422, "CURRENCY_MISMATCH"),
        ({"game_id": "studio:none"}, 422, "BUILD_NOT_CERTIFIED"),
        ({"geo": "US"}, 422, "BUILD_NOT_CERTIFIED"),
        ({"geo": "Germany"}, 400, "VALIDATION_FAILED"),
        ({"locale": "not a locale"}, 400, "VALIDATION_FAILED"),
        ({"debit_timing": "later"}, 400, "VALIDATION_FAILED"),
        ({"model": "transfer"}, 400, "VALIDATION_FAILED"),
        ({"transfer": {"amount": 5, "currency": "EUR"}}, 400, "VALIDATION_FAILED"),
        (MODELS["transfer"] | {"debit_timing": "debit_first"}, 400, "VALIDATION_FAILED"),
        (MODELS["transfer"] | {"constraints": {"max_bet": 1}}, 400, "VALIDATION_FAILED"),
        (
            {"model": "transfer", "transfer": {"amount": 0, "currency": "EUR"}},
            400,
            "VALIDATION_FAILED",
        ),
        (
            {"model": "transfer", "transfer": {"amount": 5, "currency": "USD"}},
            400,
            "VALIDATION_FAILED",
        ),
        (
            {"model": "transfer", "transfer": {"amount": 5000, "currency": "EUR"}},
            422,
            "INSUFFICIENT_FUNDS",
        ),
    ],
)
async def test_a_session_that_cannot_be_is_refused(
    house: Casino, asked: dict[str, Any], status: int, code: str
) -> None:
    """By us, the platform or the studio: nothing is kept here, no money has moved, and what was
    opened meanwhile elsewhere is ended. Limits that nobody would keep to are refused (WAL-15)."""
    got = await house.try_open(key="k-1", **asked)
    require_problem(got, status, code)
    assert (await house.try_open(key="k-1", **asked)).body == got.body or status == 400
    assert house.rows("SELECT count(*) FROM play_session") == [(0,)]
    assert house.rows("SELECT count(*) FROM session WHERE ended_ns IS NULL", "wallet") == [(0,)]
    assert house.rows("SELECT count(*) FROM game_session WHERE ended_ns IS NULL", "rgs") == [(0,)]
    assert (await house.box.balance())[0] == Decimal(1000)
    await house.require_agreement()


async def test_a_transfer_session_takes_money_along_and_gives_back_the_rest(house: Casino) -> None:
    """What it brings leaves the wallet at once; rounds are paid from it until it does not cover
    one; its end gives back exactly what is left, and the house has won what the player has lost
    (RGS-06)."""
    session = await house.open(model="transfer", transfer={"amount": 5, "currency": "EUR"})
    assert await house.box.balance() == (Decimal(995), Decimal(0))
    left, played = Decimal(5), 0
    while left >= 2 and played < 40:
        left += won(await house.play(session, f"r-{played}")) - 2
        played += 1
    assert played >= 2
    if left < 2:
        require_problem(await house.play(session, "r-last"), 422, "INSUFFICIENT_FUNDS")
    assert await house.box.balance() == (Decimal(995), Decimal(0))
    got = (await house.call("POST", f"/sessions/{session}/end")).json
    assert got["transferred_in"]["amount"] == 5
    assert got["transferred_out"]["amount"] == left
    assert await house.box.balance() == (995 + left, Decimal(0))
    await house.require_agreement()


async def test_all_of_a_transfer_may_be_lost(house: Casino) -> None:
    """With nothing left there is nothing to give back, and the session ends all the same."""
    session = await house.open(model="transfer", transfer={"amount": 2, "currency": "EUR"})
    path = f"/rgs/v1/sessions/{session}/transfer-out"
    got = await house.box.call("POST", path, {"transfer_id": "t-away"}, client="platform-demo")
    assert got.status == 200, got.body
    got = await house.call("POST", f"/sessions/{session}/end")
    assert got.json["transferred_out"]["amount"] == 0
    assert await house.box.balance() == (Decimal(998), Decimal(0))
    await house.require_agreement()


@pytest.mark.parametrize("kind", ["free", "bonus", "tournament"])
async def test_what_is_no_cash_play_is_paid_at_the_wallet(house: Casino, kind: str) -> None:
    """The studio keeps the money of cash spins only; what a free, bonus or tournament spin costs
    and wins in a transfer session moves at the wallet, and every win is paid (RGS-06, RGS-64)."""
    at = Studio(house.box)
    more = {"free": {"grant_id": "fs-1"}, "tournament": {"tournament_id": "t-1"}}.get(kind, {})
    size = {"amount": 2, "currency": "EUR"}
    grant = {"grant_id": "fs-1", "player_id": "p_19f3", "game_id": GAME, "count": 8}
    await at.ok("POST", "/free-spins", {**grant, "bet_size": size})
    when = {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-02T00:00:00Z"}
    terms = {"tournament_id": "t-1", "title": "T", "game_ids": [GAME], "currency": "EUR"}
    await at.ok("POST", "/tournaments", {**terms, "score": "total_win", **when})
    session = await house.open(model="transfer", transfer={"amount": 5, "currency": "EUR"})
    rounds = [await house.play(session, f"r-{n}", spin_type=kind, **more) for n in range(8)]
    win = sum(map(won, rounds))
    assert win > 0
    assert {got.json["debit_timing"] for got in rounds} == {"hold_first"}
    cost = 16 if kind == "tournament" else 0
    await house.settled()
    assert await house.box.balance() == (995 - cost + win, Decimal(0))
    got = (await house.call("POST", f"/sessions/{session}/end")).json
    assert (got["staked"]["amount"], got["won"]["amount"]) == (cost, win)
    assert got["transferred_out"]["amount"] == 5
    assert await house.box.balance() == (1000 - cost + win, Decimal(0))
    await house.box.require_sound()


async def test_no_round_has_a_name_that_a_session_uses(house: Casino) -> None:
    """A round of a session's id, or of its transfer's round, would end the round that holds what
    the session brought: it is refused, nothing is written, and the money comes back (RGS-06)."""
    session = await house.open(model="transfer", transfer={"amount": 5, "currency": "EUR"})
    other = await house.open()
    for name in (session, f"{session}-transfer", other):
        got = await house.play(other, name)
        require_problem(got, 400, "VALIDATION_FAILED")
        assert got.json["details"]["errors"][0]["field"] == "round_id"
    assert house.rows("SELECT 1 FROM play_round") == []
    got = await house.call("POST", f"/sessions/{session}/end")
    assert got.json["transferred_out"]["amount"] == 5
    assert await house.box.balance() == (Decimal(1000), Decimal(0))
    await house.require_agreement()


async def test_limits_of_a_session_bind_its_rounds(house: Casino) -> None:
    """What the client asks the platform for is what the platform keeps to (WAL-15)."""
    session = await house.open(constraints={"max_bet": 1})
    require_problem(await house.play(session, "r-1", 2), 422, "LIMIT_EXCEEDED")
    assert (await house.play(session, "r-2", 1)).status == 200
    await house.require_agreement()


async def test_a_build_that_was_switched_is_played_by_new_sessions(house: Casino) -> None:
    """A session that opens after a switch has the build that is active then, certified by the
    platform (RGS-14, RGS-22)."""
    first = await house.open()
    path = f"/rgs/v1/builds?game_id={GAME}&country=DE"
    builds = (await house.box.call("GET", path, client="platform-demo")).json["items"]
    other = next(build for build in builds if not build["active"])
    body = {
        "switch_id": "sw-1",
        "build_hash": other["build_hash"],
        "reason": "test",
        "approved_by": "qa",
    }
    got = await house.box.call("POST", "/rgs/v1/builds/switch", body, client="platform-demo")
    assert got.status == 200, got.body
    second = await house.open()
    hashes = [
        (await house.call("GET", f"/sessions/{one}")).json["build_hash"] for one in (first, second)
    ]
    assert hashes[1] == other["build_hash"] != hashes[0]
    assert won(await house.play(second, "r-1")) >= 0
    await house.require_agreement()
