"""Playing again: from the record, from seed and nonce, after the game has changed (RGS-10..12)."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from simulator.rgs.builds import Builds, shipped
from simulator.rgs.markets import Market, load_markets
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.game import Game
from simulator.rgs.operations import rgs_operations
from simulator.rgs.studio import Studio as Handed
from simulator.server.routes import Service, bind
from simulator.wire import json
from tests.rgs.tools import COMET, FORGE, VAULT, Studio, studio
from tests.server.tools import require_problem
from tests.support import CONTRACTS


@pytest.mark.parametrize("game", sorted(load_games()))
async def test_a_spin_is_the_same_again(game: str) -> None:
    """Of every game: the outcome byte for byte, with every step, and its record (RGS-11)."""
    async with studio() as at:
        await at.open(game_id=game)
        choice = {"choice": {"target": 2}} if game == COMET else {}
        for n in range(5):
            played = await at.played(f"spin-{n}", **choice)
            again = await at.ok("GET", f"/spins/spin-{n}/replay")
            assert again["same"] is True
            assert again["outcome"] == played["outcome"]
            assert again["record"] == (await at.ok("GET", f"/spins/spin-{n}"))["record"]
            assert again["steps"]
        before = at.footprint()
        await at.ok("GET", "/spins/spin-0/replay")
        assert at.footprint() == before


async def test_seed_and_nonce_are_enough() -> None:
    """The sandbox's seed and the recorded nonce give the outcome and its hash; another seed or
    nonce gives another record (RGS-11, RGS-12)."""
    async with studio(seed=7) as at:
        await at.open()
        played = await at.played()
        again = await at.ok("GET", "/spins/spin-1/replay")
        shown = await at.ok("GET", "/spins/spin-1")
        ask = {
            "seed": 7,
            "nonce": shown["record"]["nonce"],
            "build_hash": shown["build_hash"],
            "stake": shown["stake"],
        }
        found = await at.ok("POST", "/replays", ask)
        assert found["outcome"] == played["outcome"]
        assert found["outcome_sha256"] == again["outcome_sha256"]
        assert found["record"] == shown["record"]
        other = await at.ok("POST", "/replays", {**ask, "seed": 8})
        assert other["record"]["seed_fingerprint"] != shown["record"]["seed_fingerprint"]
        assert other["steps"] != found["steps"]
        kept = await at.ok("POST", "/replays", {**ask, "data_hash": shown["record"]["data_hash"]})
        assert kept["outcome"] == played["outcome"]


async def test_the_hash_is_of_the_answered_bytes() -> None:
    """`outcome_sha256` is SHA-256 of the outcome exactly as the spin was answered (RGS-11)."""
    async with studio() as at:
        await at.open()
        raw = (await at.spin()).body
        start = raw.index(b'"outcome":') + len(b'"outcome":')
        outcome = raw[start : raw.index(b',"rgs_txns"')]
        again = await at.ok("GET", "/spins/spin-1/replay")
        assert again["outcome_sha256"] == "sha256:" + hashlib.sha256(outcome).hexdigest()


async def test_an_old_spin_plays_after_the_seed_has_changed() -> None:
    """Another seed is in force for new spins; the old one keeps its own, and the seed itself is
    shown nowhere (RGS-10, RGS-11)."""
    async with studio() as at:
        await at.open()
        first = await at.played("spin-1")
        assert (await at.box.admin("PUT", "/seed", {"seed": 99})).status == 200
        await at.played("spin-2")
        again = await at.ok("GET", "/spins/spin-1/replay")
        assert (again["same"], again["outcome"]) == (True, first["outcome"])
        one, two = [
            (await at.ok("GET", f"/spins/spin-{n}"))["record"]["seed_fingerprint"] for n in (1, 2)
        ]
        assert one != two
        assert (await at.ok("GET", "/spins/spin-2/replay"))["same"] is True
        await at.require_sound()


def _changed_game() -> Game:
    """The game of the next release: other data, so another hash."""
    old = load_games()[FORGE]
    data = json.decode(json.encode(old.data))
    data["version"] = "2.0.0"
    data["paytable"] = {
        symbol: {length: coins + 1 for length, coins in line.items()}
        for symbol, line in data["paytable"].items()
    }
    return type(old)(data)


def _release(at: Studio, games: dict[str, Game]) -> None:
    """Have the running studio offer other games, as the next release would."""
    party = at.box.world.parties["rgs"]
    builds = Builds(games, load_markets())
    world = at.box.world
    handed = Handed(builds, world.authority.players, _key_of(party.routes["readRgsKeys"]))
    routes = bind([Service(CONTRACTS["rgs"], rgs_operations(handed))])
    party.routes.update(routes)
    at.builds.clear()


def _key_of(route: Any) -> Any:
    return route.decision.keywords["studio"].signer


async def test_an_old_spin_plays_after_the_game_has_changed() -> None:
    """The next release has other data: new sessions play that, and the spin of the old one is
    replayed with the data and the mechanics it was played with, byte for byte; the old session can
    be read and ended (RGS-11)."""
    async with studio() as at:
        opened = await at.open()
        spins = {}
        for n in range(20):
            spins[f"spin-{n}"] = await at.played(f"spin-{n}", round_id=f"r-{n}")
        old = (await at.ok("GET", "/spins/spin-0"))["record"]
        new_game = _changed_game()
        _release(at, {**load_games(), FORGE: new_game})
        for name, played in spins.items():
            again = await at.ok("GET", f"/spins/{name}/replay")
            assert (again["same"], again["outcome"]) == (True, played["outcome"])
            assert again["record"] == (await at.ok("GET", f"/spins/{name}"))["record"]
        require_problem(await at.spin("spin-x"), 422, "BUILD_NOT_CERTIFIED")
        shown = await at.ok("GET", "/sessions/s-1")
        assert (shown["rtp_profile"], shown["spins"], shown["stakes"]) == (
            "rtp_96",
            20,
            opened["stakes"],
        )
        assert (await at.ok("POST", "/sessions/s-1/end"))["status"] == "ended"
        await at.open("s-2")
        await at.played("spin-y", session_id="s-2", round_id="rnd-y")
        new = (await at.ok("GET", "/spins/spin-y"))["record"]
        assert new["data_hash"] == new_game.data_hash != old["data_hash"]
        assert (new["mechanics_version"], old["mechanics_version"]) == (
            "2.0.0+engine.1",
            "1.0.0+engine.1",
        )


async def test_a_replay_that_differs_says_so() -> None:
    """The control: a stored outcome that is not what the record gives is found (RGS-11)."""
    async with studio() as at:
        await at.open()
        await at.played()
        database = at.box.world.parties["rgs"].writer.unit.database
        database.writer.execute(
            "UPDATE spin SET outcome = CAST(replace(outcome, '0.', '9.') AS BLOB)"
        )
        again = await at.ok("GET", "/spins/spin-1/replay")
        assert again["same"] is False


async def test_what_no_engine_here_can_play_is_refused() -> None:
    """Data of another engine is not played by this one: 409, never another outcome (RGS-11)."""
    async with studio() as at:
        await at.open()
        await at.played()
        database = at.box.world.parties["rgs"].writer.unit.database
        database.writer.execute("DROP TRIGGER game_data_is_never_changed")
        database.writer.execute(
            'UPDATE game_data SET data = CAST(replace(CAST(data AS TEXT), \'"engine":"1"\', '
            '\'"engine":"0"\') AS BLOB)'
        )
        games = {**load_games(), FORGE: _changed_game()}
        _release(at, games)
        got = await at.call("GET", "/spins/spin-1/replay")
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "mechanics_gone"


async def test_what_cannot_be_played_again_is_not_found() -> None:
    """No spin, no build, no data of that name: 404; data of another game: 400 (RGS-11)."""
    async with studio() as at:
        await at.open()
        await at.played()
        shown = await at.ok("GET", "/spins/spin-1")
        require_problem(await at.call("GET", "/spins/spin-9/replay"), 404, "NOT_FOUND")
        ask = {
            "seed": 42,
            "nonce": shown["record"]["nonce"],
            "build_hash": shown["build_hash"],
            "stake": shown["stake"],
        }
        none = "sha256:" + "0" * 64
        for changed in ({"build_hash": none}, {"data_hash": none}):
            got = await at.call("POST", "/replays", {**ask, **changed})
            require_problem(got, 404, "NOT_FOUND")
        foreign = {"build_hash": (await at.build(VAULT))["build_hash"]}
        wrong = {**ask, **foreign, "data_hash": shown["record"]["data_hash"]}
        require_problem(await at.call("POST", "/replays", wrong), 400, "VALIDATION_FAILED")
        large = {"stake": {"amount": 100000, "currency": "EUR"}}
        got = await at.call("POST", "/replays", {**ask, **large})
        require_problem(got, 422, "LIMIT_EXCEEDED")


def test_a_build_is_named_by_all_that_it_is_made_of() -> None:
    """Game data, market and profile each change its hash, and nothing else does; the same again is
    the same hash (RGS-20)."""
    one = shipped().first[FORGE, "eu"]
    twin = replace(one)
    assert twin.build_hash == one.build_hash
    market = one.market
    others = [
        replace(one, game=_changed_game()),
        replace(one, profile="rtp_92"),
        replace(one, market_name="uk"),
        replace(one, market=Market(**{**_fields(market), "autoplay": False})),
        replace(one, market=Market(**{**_fields(market), "max_stakes": {"EUR": 1}})),
    ]
    hashes = {build.build_hash for build in [one, *others]}
    assert len(hashes) == 1 + len(others)


def _fields(market: Any) -> dict[str, Any]:
    return {name: getattr(market, name) for name in market.__struct_fields__}
