"""Games: what is certified where, and that nothing else is played (PRV-20, PRV-24, RGS-22).

The currencies and their scales: `tests/server/test_money_wire.py`.
"""

from typing import Any

import pytest

from simulator.rgs.builds import shipped
from simulator.wallet.catalogue import games
from tests import builds_file
from tests.server.tools import require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import nothing_moves, wallet

EVERYWHERE = "studio:slot_forge_02"
ONLY_EU = "studio:crash_comet"


async def _open(box: Sandbox, game_id: str = EVERYWHERE, **more: Any) -> Got:
    body = {"player_id": "p_19f3", "game_id": game_id, "currency": "EUR", "locale": "de-DE"}
    return await box.call("POST", "/v1/sessions", {**body, **more})


async def _builds(box: Sandbox, game_id: str) -> dict[str, str]:
    """Country → the first build that is certified there, as a provider reads it."""
    game = (await box.call("GET", f"/v1/games/{game_id}")).json
    return {
        country: build["build_hash"]
        for build in reversed(game["builds"])
        for country in build["countries"]
    }


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 200])
async def test_the_games_are_listed_without_gap_or_repeat(order: str, limit: int) -> None:
    """Every game once, by its id, whatever the size of a page; each reads as it is listed
    (PRV-24, PRV-60)."""
    async with wallet() as box:
        items: list[Any] = []
        cursor = ""
        while True:
            query = f"limit={limit}&order={order}" + (f"&cursor={cursor}" if cursor else "")
            page = (await box.call("GET", f"/v1/games?{query}")).json
            assert 0 < len(page["items"]) <= limit
            items += page["items"]
            if not page["has_more"]:
                break
            cursor = page["next_cursor"]
        ids = [game["game_id"] for game in items]
        assert ids == sorted(games(), reverse=order == "desc")
        for game in items:
            assert (await box.call("GET", f"/v1/games/{game['game_id']}")).json == game


async def test_a_session_takes_the_build_of_the_players_country() -> None:
    """Neither build nor geography given: the player's country and the build certified for it; the
    bets' events carry that build (PRV-20, PRV-41, RGS-22)."""
    async with wallet() as box:
        got = await _open(box)
        assert got.status == 201, got.body
        session = (await box.call("GET", f"/v1/sessions/{got.json['session_id']}")).json
        assert session["geo"] == "DE"
        assert session["build_hash"] == (await _builds(box, EVERYWHERE))["DE"]
        assert (await box.authorize(session["session_id"], "b-1", 1)).status == 200
        (event,) = await box.events(event_type="bet.authorized")
        assert event["build_hash"] == session["build_hash"]


async def test_a_build_is_certified_for_its_own_market_only() -> None:
    """The certified build can be named; that of another market, or of another game, is refused,
    and no session is opened (PRV-20, RGS-22)."""
    async with wallet() as box:
        builds = await _builds(box, EVERYWHERE)
        foreign = (await _builds(box, ONLY_EU))["DE"]
        assert len({builds["DE"], builds["GB"], foreign}) == 3
        assert (await _open(box, build_hash=builds["DE"])).status == 201
        assert (await _open(box, geo="GB", build_hash=builds["GB"])).status == 201
        async with nothing_moves(box):
            for wrong in (
                {"build_hash": builds["GB"]},
                {"build_hash": foreign},
                {"geo": "GB", "build_hash": builds["DE"]},
            ):
                require_problem(await _open(box, **wrong), 422, "BUILD_NOT_CERTIFIED")


async def test_any_profile_that_is_certified_can_be_named() -> None:
    """Of a country's builds each opens a session, whatever its profile; left out, it is the first
    (RGS-14, RGS-22)."""
    async with wallet() as box:
        game = (await box.call("GET", f"/v1/games/{EVERYWHERE}")).json
        certified = [build for build in game["builds"] if "DE" in build["countries"]]
        assert len({build["rtp_profile"] for build in certified}) == len(certified) == 3
        for build in certified:
            opened = (await _open(box, build_hash=build["build_hash"])).json
            assert opened["build_hash"] == build["build_hash"]
        assert (await _open(box)).json["build_hash"] == certified[0]["build_hash"]


def test_the_file_of_builds_is_what_the_studio_makes() -> None:
    """The matrix that the platform reads is written from the studio's games and market presets, to
    the byte; a change of any of them changes it (RGS-20, RGS-22)."""
    assert builds_file.FILE.read_text(encoding="utf-8") == builds_file.text(shipped()), (
        "run `make docs`"
    )


async def test_a_game_is_played_only_where_it_is_certified() -> None:
    """In every country of the game's markets a session opens; in one of another market, or of
    none, it does not (RGS-22)."""
    async with wallet() as box:
        (eu,) = {tuple(b.countries) for b in games()[ONLY_EU].builds if b.market == "eu"}
        assert len(eu) == 13
        for country in eu:
            assert (await _open(box, ONLY_EU, geo=country)).status == 201, country
        async with nothing_moves(box):
            for country in ("GB", "NO", "US"):
                got = await _open(box, ONLY_EU, geo=country)
                require_problem(got, 422, "BUILD_NOT_CERTIFIED")
                assert got.json["details"] == {"game_id": ONLY_EU, "country": country}


async def test_a_game_that_nobody_made_is_not_found() -> None:
    """Neither read nor played (PRV-24)."""
    async with wallet() as box:
        async with nothing_moves(box):
            require_problem(await _open(box, "studio:none"), 404, "NOT_FOUND")
        require_problem(await box.call("GET", "/v1/games/studio:none"), 404, "NOT_FOUND")
