"""Brands of one tenant: what is one brand's does not exist for the other (PRV-11, PRV-63)."""

from tests.rgs.tools import second_brand, studio
from tests.server.tools import require_problem

FIRST = {"X-Brand-Id": "brand-42"}


async def test_a_player_is_of_one_brand() -> None:
    """A second brand of the same tenant neither sees nor changes the first one's player, gives it
    nothing and opens no session for it; a player of its own is its own in the same way."""
    async with studio() as at:
        await at.open("s-1", rg_flags={"self_excluded": True})
        other = second_brand(at)
        before = at.footprint()
        back = {"change_id": "c-1", "self_excluded": False}
        grant = {
            "grant_id": "fs-1",
            "player_id": "p_19f3",
            "game_id": "studio:slot_forge_02",
            "count": 5,
            "bet_size": {"amount": 1, "currency": "EUR"},
        }
        for path, body in (
            ("/players/p_19f3/rg", back),
            ("/free-spins", grant),
            ("/sessions", await at.session_body("s-2")),
        ):
            got = await at.call("POST", path, body, headers=other)
            require_problem(got, 404, "NOT_FOUND")
            assert got.json["details"] == {"player_id": "p_19f3"}
        assert at.footprint() == before
        shown = await at.ok("GET", "/sessions/s-1", headers=FIRST)
        assert shown["rg"]["self_excluded"] is True
        require_problem(await at.call("GET", "/sessions/s-1", headers=other), 404, "NOT_FOUND")

        theirs = {"change_id": "c-2", "self_excluded": True}
        await at.ok("POST", "/players/p_usd/rg", theirs, headers=other)
        mine = {**back, "change_id": "c-3"}
        got = await at.call("POST", "/players/p_usd/rg", mine, headers=FIRST)
        require_problem(got, 404, "NOT_FOUND")
        await at.require_sound()
