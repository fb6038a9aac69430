"""Games, builds, markets: what is published is true, and a return changes one way only.

(RGS-09, RGS-13, RGS-14, RGS-20, RGS-21)
"""

from fractions import Fraction
from typing import Any

import pytest

from simulator.base.errors import ConfigError
from simulator.rgs.builds import shipped
from simulator.rgs.markets import FILE, read_markets
from simulator.rgs.maths.catalogue import load_games
from tests.rgs.tools import FORGE, VAULT, Studio, studio
from tests.server.tools import require_problem


def _switch(name: str, build: Any, **changes: Any) -> dict[str, Any]:
    return {
        "switch_id": name,
        "build_hash": build["build_hash"],
        "reason": "contract of October",
        "approved_by": "ops-7",
        **changes,
    }


async def test_what_is_published_is_what_is_played() -> None:
    """Every game with the exact return of every profile and mode, its jackpot's share included;
    every build of it in each market where it has a certificate (RGS-09, RGS-13, JP-71)."""
    async with studio() as at:
        games = {game["game_id"]: game for game in (await at.ok("GET", "/games"))["items"]}
        assert set(games) == set(load_games())
        for game in load_games().values():
            for shown in games[game.game_id]["profiles"]:
                share = game.profiles[shown["profile"]].jackpot_share
                for mode, percent in shown["rtp_percent"].items():
                    exact = (game.rtp(shown["profile"], mode) + share) * 100
                    assert 0 <= exact - Fraction(percent) < Fraction(1, 10_000)
                    assert 75 <= exact <= 100
        builds = (await at.ok("GET", "/builds"))["items"]
        assert len({build["build_hash"] for build in builds}) == len(builds) == len(shipped().all)
        assert {b["global_build_hash"] for b in builds} == {g["build_hash"] for g in games.values()}
        active = [build for build in builds if build["active"]]
        assert len(active) == len({(b["game_id"], b["market"]) for b in builds})
        gb = (await at.ok("GET", f"/builds?country=GB&game_id={VAULT}"))["items"]
        assert gb == []


async def test_presets_say_that_they_are_no_advice() -> None:
    """Dated and marked; each country in one market (RGS-21)."""
    async with studio() as at:
        markets = (await at.ok("GET", "/markets"))["items"]
        countries = [country for market in markets for country in market["countries"]]
        assert len(countries) == len(set(countries))
        for market in markets:
            assert market["note"] == "Illustrative, not legal advice."
            assert market["dated"] == "2026-01-01"


async def test_a_switch_changes_new_sessions_only() -> None:
    """An open session keeps its build and its odds; a new one needs the new build; who, why and
    from what is told and sealed; another market is untouched (RGS-10, RGS-14, QLT-05)."""
    async with studio() as at:
        old, low = await at.build(), await at.build(profile="rtp_92")
        opened = await at.open("s-1")
        switched = await at.ok("POST", "/builds/switch", _switch("sw-1", low))
        assert (switched["former_rtp_profile"], switched["rtp_profile"]) == ("rtp_96", "rtp_92")
        (event,) = await at.events("build.switched")
        assert event["payload"] == {name: event["payload"][name] for name in event["payload"]} | {
            "switch_id": "sw-1",
            "market": "eu",
            "former_build_hash": old["build_hash"],
            "build_hash": low["build_hash"],
            "reason": "contract of October",
            "approved_by": "ops-7",
        }
        await at.played("spin-1")
        shown = await at.ok("GET", "/spins/spin-1")
        assert (shown["build_hash"], shown["rtp_profile"]) == (opened["build_hash"], "rtp_96")
        late = {"build_hash": old["build_hash"], "jwt": at.token()}
        body = {**await at.session_body("s-2"), **late}
        require_problem(await at.call("POST", "/sessions", body), 422, "BUILD_NOT_CERTIFIED")
        at.builds.clear()
        assert (await at.open("s-3"))["rtp_profile"] == "rtp_92"
        uk = await at.open("s-4", geo="GB", currency="GBP")
        assert uk["rtp_profile"] == "rtp_96"
        await at.require_sound()


async def test_a_switch_happens_once() -> None:
    """A repeat is the first answer; the active build again, another body under the id, or no build
    of that name is refused (RGS-14, RGS-50)."""
    async with studio() as at:
        low, mid = await at.build(profile="rtp_92"), await at.build(profile="rtp_94")
        first = await at.call("POST", "/builds/switch", _switch("sw-1", low))
        await at.ok("POST", "/builds/switch", _switch("sw-2", mid))
        key = {"X-Idempotency-Key": "k-1"}
        late = await at.call("POST", "/builds/switch", _switch("sw-1", low), headers=key)
        assert late.body == first.body
        at.builds.clear()
        assert (await at.build())["rtp_profile"] == "rtp_94"
        same = await at.call("POST", "/builds/switch", _switch("sw-3", mid))
        require_problem(same, 409, "INVALID_STATE")
        key = {"X-Idempotency-Key": "k-2"}
        other = _switch("sw-1", low, reason="another")
        require_problem(
            await at.call("POST", "/builds/switch", other, headers=key), 409, "DUPLICATE"
        )
        none = _switch("sw-4", {"build_hash": "sha256:" + "0" * 64})
        require_problem(await at.call("POST", "/builds/switch", none), 404, "NOT_FOUND")


async def test_only_the_scope_to_configure_switches() -> None:
    """A client that may play may not change a return (PRV-11, RGS-14)."""
    async with studio() as at:
        form = "grant_type=client_credentials&client_id=platform-demo"
        form += "&client_secret=platform-demo-secret&scope=rgs:play%20rgs:read"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        token = (await at.box.raw("POST", "/oauth/token", form.encode(), headers)).json
        play = {"Authorization": f"Bearer {token['access_token']}"}
        low = await at.build(profile="rtp_92")
        got = await at.call("POST", "/builds/switch", _switch("sw-1", low), headers=play)
        require_problem(got, 403, "SCOPE_DENIED")
        assert (await at.call("GET", "/games", headers=play)).status == 200


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("countries: [GB]", "countries: [GB, DE]", "DE is in eu and in uk"),
        ("autoplay: false", "autoplay: maybe", "autoplay"),
        ("ante: true", "antes: true", "antes"),
    ],
)
def test_a_wrong_preset_stops_the_start(old: str, new: str, says: str) -> None:
    """A country in two markets, a wrong type, an unknown key: one line that names it; the file as
    it is does not (RGS-21)."""
    text = FILE.read_text(encoding="utf-8")
    assert set(read_markets(text).markets) == {"eu", "uk", "ca_on"}
    with pytest.raises(ConfigError, match=says):
        read_markets(text.replace(old, new, 1))


async def test_the_session_and_the_matrix_agree() -> None:
    """Every country's active build opens a session there, and in no other market (RGS-22)."""
    async with studio() as at:
        for n, (country, currency) in enumerate([("DE", "EUR"), ("GB", "GBP"), ("CA", "EUR")]):
            build = await at.build(FORGE, country)
            opened = await at.open(f"s-{n}", geo=country, currency=currency)
            assert opened["build_hash"] == build["build_hash"]
            assert country in build["countries"]
            await _refused_elsewhere(at, build, country)


async def _refused_elsewhere(at: Studio, build: Any, country: str) -> None:
    other = "GB" if country != "GB" else "DE"
    body = await at.session_body(f"s-{country}-{other}", geo=other)
    got = await at.call("POST", "/sessions", {**body, "build_hash": build["build_hash"]})
    require_problem(got, 422, "BUILD_NOT_CERTIFIED")
