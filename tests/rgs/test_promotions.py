"""Free spins are consumed one by one and never twice; tournaments have their own sums.

(RGS-05, RGS-40, RGS-41)
"""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from simulator.rgs import promotions
from tests.rgs.tools import COMET, FORGE, VAULT, Studio, codes, minor, studio
from tests.server.tools import require_problem
from tests.support import Got


def _grant(name: str = "fs-1", **changes: Any) -> dict[str, Any]:
    return {
        "grant_id": name,
        "player_id": "p_19f3",
        "game_id": FORGE,
        "count": 3,
        "bet_size": {"amount": Decimal("0.20"), "currency": "EUR"},
        **changes,
    }


async def _free(at: Studio, spin: str, grant: str = "fs-1", **how: Any) -> Got:
    return await at.spin(spin, how.pop("stake", "0.20"), spin_type="free", grant_id=grant, **how)


async def test_free_spins_are_consumed_one_by_one() -> None:
    """Each logs the grant, charges nobody and adds to what the grant won; a repeat consumes
    nothing; the last one closes it (RGS-40)."""
    async with studio() as at:
        await at.open(wallet="transfer")
        given = await at.ok("POST", "/free-spins", _grant())
        assert (given["status"], given["left"]) == ("active", 3)
        won = 0
        for n in range(3):
            got = await _free(at, f"free-{n}")
            assert got.status == 200, got.body
            won += minor(got.json["outcome"]["win"])
            assert (await _free(at, f"free-{n}")).body == got.body
            left = await at.ok("GET", "/free-spins/fs-1")
            assert (left["left"], minor(left["won"])) == (2 - n, won)
        assert left["status"] == "used_up"
        over = await _free(at, "free-9")
        require_problem(over, 409, "INVALID_STATE")
        assert over.json["details"]["reason"] == "grant_used_up"
        session = await at.ok("GET", "/sessions/s-1")
        assert (session["spins"], minor(session["balance"])) == (0, 0)
        logged = (await at.ok("GET", "/spins?grant_id=fs-1"))["items"]
        assert [spin["spin_id"] for spin in logged] == ["free-0", "free-1", "free-2"]
        events = await at.events("spin_finished")
        assert {event["payload"]["spin_type"] for event in events} == {"free"}
        await at.require_sound()


async def test_more_copies_than_spins_in_parallel() -> None:
    """Twelve spins at once on a grant of three: three are played, nine refused (RGS-40)."""
    async with studio() as at:
        await at.open()
        await at.ok("POST", "/free-spins", _grant())
        answers = await asyncio.gather(*(_free(at, f"free-{n}") for n in range(12)))
        assert sorted(codes(answers)) == ["200"] * 3 + ["INVALID_STATE"] * 9
        assert (await at.ok("GET", "/free-spins/fs-1"))["left"] == 0
        await at.require_sound()


async def test_a_grant_has_its_terms() -> None:
    """Another stake, player, game, or none of that name is refused and consumes nothing; so is a
    grant on other terms under a known id (RGS-40)."""
    async with studio() as at:
        await at.open()
        await at.open("s-usd", player_id="p_usd", jwt=at.token("p_usd"))
        await at.open("s-comet", game_id=COMET)
        await at.ok("POST", "/free-spins", _grant())
        foreign = await _free(at, "b", session_id="s-usd", round_id="r-b")
        comet = await _free(at, "c", session_id="s-comet", round_id="r-c", stake="1.00")
        answers = [await _free(at, "a", stake="0.40"), foreign, comet, await _free(at, "d", "fs-9")]
        assert codes(answers) == ["LIMIT_EXCEEDED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]
        assert (await at.ok("GET", "/free-spins/fs-1"))["left"] == 3
        first = await at.call("POST", "/free-spins", _grant())
        assert first.replayed
        key = {"X-Idempotency-Key": "k-2"}
        again = await at.call("POST", "/free-spins", _grant(), headers=key)
        assert again.body == first.body
        key = {"X-Idempotency-Key": "k-3"}
        other = await at.call("POST", "/free-spins", _grant(count=4), headers=key)
        require_problem(other, 409, "DUPLICATE")
        wrong = [
            _grant("fs-2", game_id="studio:none"),
            _grant("fs-3", bet_size={"amount": Decimal("0.30"), "currency": "EUR"}),
            _grant("fs-4", rtp_profile="rtp_10"),
            _grant("fs-5", expires_at="2020-01-01T00:00:00Z"),
        ]
        refused = [await at.call("POST", "/free-spins", body) for body in wrong]
        assert codes(refused) == [
            "NOT_FOUND",
            "LIMIT_EXCEEDED",
            "BUILD_NOT_CERTIFIED",
            "VALIDATION_FAILED",
        ]
        assert at.rows("free_spins") == 1


async def test_a_grant_expires() -> None:
    """At its time, not before; what was played stays (RGS-40)."""
    async with studio() as at:
        await at.open()
        await at.ok("POST", "/free-spins", _grant(expires_at="2026-01-01T00:10:00Z"))
        await at.advance(599_999)
        assert (await _free(at, "free-1")).status == 200
        await at.advance(1)
        late = await _free(at, "free-2")
        assert late.json["details"]["reason"] == "grant_expired"
        left = await at.ok("GET", "/free-spins/fs-1")
        assert (left["status"], left["left"]) == ("expired", 2)


async def test_a_grant_may_have_a_profile_of_its_own() -> None:
    """Its spins are played on the market build of that certified profile, which their events and
    records name; the session's own spins stay on theirs (RGS-14, RGS-40)."""
    async with studio() as at:
        opened = await at.open()
        await at.ok("POST", "/free-spins", _grant(rtp_profile="rtp_92"))
        assert (await _free(at, "free-1")).status == 200
        await at.played("spin-1")
        low = (await at.build(profile="rtp_92"))["build_hash"]
        free, own = [await at.ok("GET", f"/spins/{name}") for name in ("free-1", "spin-1")]
        assert (free["build_hash"], free["rtp_profile"]) == (low, "rtp_92")
        assert own["build_hash"] == opened["build_hash"] != low
        told = [event["build_hash"] for event in await at.events("spin_finished")]
        assert told == [low, opened["build_hash"]]
        assert (await at.ok("GET", "/spins/free-1/replay"))["same"] is True


async def test_a_void_free_spin_comes_back() -> None:
    """It can be played again, as another spin (RGS-40)."""
    async with studio() as at:
        await at.open()
        await at.ok("POST", "/free-spins", _grant(count=1))
        assert (await _free(at, "free-1")).status == 200
        await at.ok("POST", "/spins/free-1/void", {})
        assert (await at.ok("GET", "/free-spins/fs-1"))["left"] == 1
        assert (await _free(at, "free-2")).status == 200
        await at.require_sound()


# Tournaments --------------------------------------------------------------------------------------


def _race(name: str = "t-1", **changes: Any) -> dict[str, Any]:
    return {
        "tournament_id": name,
        "title": "New Year's race",
        "game_ids": [FORGE],
        "currency": "EUR",
        "score": "total_win",
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2026-01-01T00:30:00Z",
        **changes,
    }


async def test_a_tournament_has_its_own_sums() -> None:
    """Its spins count in it, not in the session's cash; the leaderboard adds up, best first, and
    who had equal points first is ahead (RGS-41)."""
    async with studio() as at:
        await at.ok("POST", "/tournaments", _race())
        await at.ok("POST", "/tournaments", _race("t-2", score="turnover"))
        wins: dict[str, int] = {}
        for n, player in enumerate(["p_19f3", "p_poor", "p_excluded"]):
            await at.open(f"s-{n}", player_id=player)
            for i in range(8):
                for name in ("t-1", "t-2"):
                    spin = f"{name}-{n}-{i}"
                    how = {"session_id": f"s-{n}", "round_id": f"r-{spin}", "tournament_id": name}
                    played = await at.played(spin, spin_type="tournament", **how)
                    if name == "t-1":
                        won = minor(played["outcome"]["win"])
                        wins[player] = wins.get(player, 0) + won
            session = await at.ok("GET", f"/sessions/s-{n}")
            assert (session["spins"], minor(session["won"])) == (0, 0)
        board = await at.ok("GET", "/tournaments/t-1/leaderboard")
        found = [(row["player_id"], minor(row["score"])) for row in board["items"]]
        assert sorted(found) == sorted(wins.items())
        assert [points for _, points in found] == sorted(wins.values(), reverse=True)
        assert [row["rank"] for row in board["items"]] == [1, 2, 3]
        equal = await at.ok("GET", "/tournaments/t-2/leaderboard?limit=2")
        assert [row["player_id"] for row in equal["items"]] == ["p_19f3", "p_poor"]
        assert equal["players"] == 3
        await at.require_sound()


async def test_a_spin_without_points_costs_no_place() -> None:
    """Of equal points, who had them first stays ahead, whatever they play that wins nothing; a void
    of such a spin moves nobody either (RGS-41)."""
    async with studio() as at:
        await at.ok("POST", "/tournaments", _race())
        for player in ("p_19f3", "p_poor"):
            await at.open(f"s-{player}", player_id=player)

        async def lose(player: str, spin: str) -> None:
            await at.advance(1)
            how = {"session_id": f"s-{player}", "round_id": f"r-{spin}", "tournament_id": "t-1"}
            played = await at.played(spin, spin_type="tournament", **how)
            assert not minor(played["outcome"]["win"]), "under this seed it wins nothing"

        async def board() -> list[tuple[str, int, int]]:
            items = (await at.ok("GET", "/tournaments/t-1/leaderboard"))["items"]
            return [(row["player_id"], row["spins"], minor(row["won"])) for row in items]

        await lose("p_19f3", "x-1p_19")
        await lose("p_poor", "x-2p_po")
        await lose("p_19f3", "x-2p_19")
        assert await board() == [("p_19f3", 2, 0), ("p_poor", 1, 0)]
        await at.advance(1)
        await at.ok("POST", "/spins/x-2p_19/void", {})
        assert await board() == [("p_19f3", 1, 0), ("p_poor", 1, 0)]


async def test_a_leaderboard_is_of_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many have played, and in how many pages they are read: the best of all of them is the
    first, and nobody is left out or counted twice (RGS-41)."""
    monkeypatch.setattr(promotions, "ENTRIES", 2)
    async with studio() as at:
        await at.ok("POST", "/tournaments", _race())
        wins = []
        for n in range(5):
            await at.open(f"s-{n}", player_id=f"p_{n}")
            how = {"session_id": f"s-{n}", "round_id": f"r-{n}", "tournament_id": "t-1"}
            played = await at.played(f"x{n}", spin_type="tournament", **how)
            wins.append((minor(played["outcome"]["win"]), f"p_{n}"))
        board = await at.ok("GET", "/tournaments/t-1/leaderboard")
        assert board["players"] == 5
        found = [(minor(row["score"]), row["player_id"]) for row in board["items"]]
        assert found == sorted(wins, key=lambda one: -one[0])
        assert max(wins)[1] not in ("p_0", "p_1"), "the best is on the first page"


async def test_a_void_spin_leaves_the_tournament() -> None:
    """Its points are taken out again (RGS-41)."""
    async with studio() as at:
        await at.ok("POST", "/tournaments", _race())
        await at.open()
        how = {"spin_type": "tournament", "tournament_id": "t-1"}
        await at.played("spin-1", **how)
        await at.ok("POST", "/spins/spin-1/void", {})
        assert (await at.ok("GET", "/tournaments/t-1/leaderboard"))["items"] == []
        await at.require_sound()


async def test_a_tournament_runs_in_its_time_and_games() -> None:
    """Before, after, with another game or currency: 409; terms are fixed; of games there are
    (RGS-41)."""
    async with studio() as at:
        planned = _race("t-2", starts_at="2026-01-01T00:05:00Z")
        assert (await at.ok("POST", "/tournaments", _race()))["status"] == "running"
        assert (await at.ok("POST", "/tournaments", planned))["status"] == "planned"
        await at.ok("POST", "/tournaments", _race("t-3", game_ids=[COMET]))
        await at.ok("POST", "/tournaments", _race("t-4", currency="USD"))
        await at.open()

        async def enter(spin: str, name: str) -> Got:
            return await at.spin(spin, spin_type="tournament", tournament_id=name)

        answers = [await enter(f"a-{name}", name) for name in ("t-2", "t-3", "t-4", "t-9")]
        assert codes(answers) == [*["INVALID_STATE"] * 3, "NOT_FOUND"]
        assert (await enter("b", "t-1")).status == 200
        await at.advance(30 * 60_000)
        assert (await enter("c", "t-1")).json["details"]["reason"] == "tournament_not_running"
        assert (await at.ok("GET", "/tournaments/t-1"))["status"] == "over"
        key = {"X-Idempotency-Key": "k"}
        other = await at.call("POST", "/tournaments", _race(title="x"), headers=key)
        require_problem(other, 409, "DUPLICATE")
        none = await at.call("POST", "/tournaments", _race("t-5", game_ids=["studio:none"]))
        require_problem(none, 404, "NOT_FOUND")
        ends = await at.call("POST", "/tournaments", _race("t-6", ends_at="2025-01-01T00:00:00Z"))
        require_problem(ends, 400, "VALIDATION_FAILED")


async def test_a_jackpot_that_has_fallen_survives_a_void() -> None:
    """The pool has paid it, so it is no part of what a void takes back: the contribution is
    reversed, the jackpot stays once; none falls on a void spin (RGS-42, RGS-64)."""
    async with studio() as at:
        await at.open(game_id=VAULT)
        await at.played("spin-1")
        win: dict[str, Any] = {
            "jp_trigger_id": "jt-1",
            "pool_id": "jp_demo_eu",
            "spin_id": "spin-1",
        }
        win |= {"amount": {"amount": 100, "currency": "EUR"}, "idempotency_key": "jt-1"}
        await at.ok("POST", "/jackpot-wins", win)
        await at.ok("POST", "/spins/spin-1/void", {"reason": "refused"})
        kinds = [txn["type"] for txn in (await at.ok("GET", "/spins/spin-1"))["rgs_txns"]]
        assert kinds == ["jackpot_contribution", "jackpot_win", "jackpot_reversal"]
        late = {**win, "jp_trigger_id": "jt-2", "idempotency_key": "jt-2"}
        require_problem(await at.call("POST", "/jackpot-wins", late), 409, "INVALID_STATE")
        assert len(await at.events("jackpot_win")) == 1
        await at.require_sound()
