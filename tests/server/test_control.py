"""The control API: health, clock, seed, reset, and worlds that know nothing of each other
(SBX-02, SBX-03, SBX-04). Players, books and the admin token are in `test_owner.py`."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from simulator import __version__
from simulator.server.clients import CLIENTS
from tests.server.tools import play_examples, require_problem, stored
from tests.support import Got, Sandbox, sandbox

START = "2026-01-01T00:00:00.000Z"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


async def make(box: Sandbox, **ask: Any) -> Sandbox:
    """A new sandbox beside the default one."""
    got = await box.admin("POST", "/sandboxes", ask)
    assert got.status == 201, got.body
    return Sandbox(box.app, box.worlds, got.json["sandbox"])


async def ok(box: Sandbox, method: str, path: str, body: Any = None) -> Any:
    """What a control operation that works answers."""
    got = await box.admin(method, path, body)
    assert got.status in (200, 201), got.body
    return got.json


def require_field(got: Got, name: str) -> None:
    """A 400 that names this field first."""
    require_problem(got, 400, "VALIDATION_FAILED")
    assert got.json["details"]["errors"][0]["field"] == name


async def money(box: Sandbox) -> dict[str, tuple[Decimal, Decimal]]:
    """Player → available and held."""
    players = (await ok(box, "GET", "/players?limit=200"))["items"]
    return {
        player["player_id"]: (player["available"]["amount"], player["held"]["amount"])
        for player in players
    }


# Health, clock, seed -----------------------------------------------------------------------------


async def test_health_shows_the_world(box: Sandbox) -> None:
    """Version, sandbox, seed, clock and store of the default world and of another (SBX-01)."""
    other = await make(box, name="ci-1", seed=7)
    for where, seed in ((box, 42), (other, 7)):
        assert await ok(where, "GET", "/health") == {
            "status": "ok",
            "version": __version__,
            "sandbox": where.name,
            "seed": seed,
            "profile": "reference",
            "clock": {"mode": "frozen", "now": START},
            "store": {"kind": "sqlite-memory", "durable": False},
        }


async def test_a_frozen_clock_moves_only_when_told(box: Sandbox) -> None:
    """It is set, read and advanced, and answers carry its time (SBX-03)."""
    now = {"mode": "frozen", "now": "2030-06-01T12:00:00.500Z"}
    ask = {"mode": "frozen", "now": "2030-06-01T14:00:00.5+02:00"}
    assert await ok(box, "PUT", "/clock", ask) == now
    assert await ok(box, "GET", "/clock") == now
    later = {"mode": "frozen", "now": "2030-06-01T12:00:01.000Z"}
    assert await ok(box, "POST", "/clock/advance", {"by_ms": 500}) == later
    assert await ok(box, "GET", "/clock") == later
    got = await box.admin("GET", "/clock")
    assert got.headers["date"] == "Sat, 01 Jun 2030 12:00:01 GMT"


async def test_the_first_instant_of_time_is_one(box: Sandbox) -> None:
    """The beginning of 1970 is a time like any other: the clock stands there (SBX-03)."""
    epoch = {"mode": "frozen", "now": "1970-01-01T00:00:00.000Z"}
    assert await ok(box, "PUT", "/clock", epoch) == epoch
    other = await make(box, clock=epoch)
    assert await ok(other, "GET", "/clock") == epoch


async def test_a_clock_can_run_and_be_stopped(box: Sandbox) -> None:
    """`wall` shows the real time, `frozen` without a time stops where it is (SBX-03)."""
    assert (await ok(box, "PUT", "/clock", {"mode": "wall"}))["mode"] == "wall"
    stopped = await ok(box, "PUT", "/clock", {"mode": "frozen"})
    assert stopped["now"] > START
    assert await ok(box, "GET", "/clock") == stopped


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/clock", {"mode": "wall", "now": START}, "now"),
        ("PUT", "/clock", {"mode": "slow"}, "mode"),
        ("PUT", "/clock", {}, "mode"),
        ("PUT", "/clock", {"mode": "frozen", "now": "2026-02-30T00:00:00Z"}, "now"),
        ("PUT", "/clock", {"mode": "frozen", "now": "2026-01-01T00:00:00"}, "now"),
        ("PUT", "/clock", {"mode": "frozen", "now": "2262-01-01T00:00:00Z"}, "now"),
        ("POST", "/clock/advance", {"by_ms": -1}, "by_ms"),
        ("POST", "/clock/advance", {"by_ms": 0.5}, "by_ms"),
        ("POST", "/clock/advance", {"by_ms": "1"}, "by_ms"),
        ("POST", "/clock/advance", {"by_ms": 10**15}, "by_ms"),
        ("PUT", "/seed", {"seed": -1}, "seed"),
        ("PUT", "/seed", {"seed": 2**63}, "seed"),
        ("PUT", "/seed", {"seed": True}, "seed"),
        ("POST", "/reset", {"seed": "7"}, "seed"),
    ],
)
async def test_what_no_clock_or_seed_is_is_refused(
    box: Sandbox, method: str, path: str, body: Any, field: str
) -> None:
    """By its name, and clock and seed stay as they were (SBX-02, SBX-03, WAL-77)."""
    before = await ok(box, "GET", "/health")
    require_field(await box.admin(method, path, body), field)
    assert await ok(box, "GET", "/health") == before


async def test_the_last_year_can_be_played(box: Sandbox) -> None:
    """At the end of time bets are taken and nothing is a 5xx; beyond it the clock does not go
    (SBX-03)."""
    await ok(box, "PUT", "/clock", {"mode": "frozen", "now": "2261-12-31T23:59:59Z"})
    assert (await box.authorize(await box.session(), "b-1", 1)).status == 200
    require_field(await box.admin("POST", "/clock/advance", {"by_ms": 1}), "by_ms")
    await box.require_sound()


async def test_a_seed_is_for_what_comes(box: Sandbox) -> None:
    """Set, read, written as 7.0 too; what was made stays (SBX-02)."""
    players = await ok(box, "GET", "/players")
    for text in ("7", "7.0"):
        assert await ok(box, "PUT", "/seed", {"seed": Decimal(text)}) == {"seed": 7}
        assert await ok(box, "GET", "/seed") == {"seed": 7}
    assert await ok(box, "GET", "/players") == players


# Reset -------------------------------------------------------------------------------------------


async def test_a_reset_world_is_as_at_its_start(box: Sandbox) -> None:
    """Whatever was played, made, moved or set: not a row differs from a world that was never used,
    and the first calls are answered alike (SBX-02, SBX-04)."""
    fresh = stored(box)
    first = await box.call("POST", "/v1/sessions", SESSION, key="k-1")
    await play_examples(box)
    await ok(box, "POST", "/players", {"currency": "EUR", "cash": 5})
    await ok(box, "POST", "/clock/advance", {"by_ms": 60_000})
    await ok(box, "PUT", "/seed", {"seed": 99})
    assert await ok(box, "POST", "/reset", {}) == {"sandbox": "default", "seed": 42}
    assert stored(box) == fresh
    assert (await ok(box, "GET", "/clock"))["now"] == START
    box.tokens.clear()
    again = await box.call("POST", "/v1/sessions", SESSION, key="k-1")
    assert (again.body, again.replayed) == (first.body, False)


async def test_a_reset_with_a_seed_is_a_world_of_that_seed(box: Sandbox) -> None:
    """The same as one that was made with it, and it stays so at the next reset (SBX-02)."""
    assert await ok(box, "POST", "/reset", {"seed": 7}) == {"sandbox": "default", "seed": 7}
    assert (await ok(box, "POST", "/reset"))["seed"] == 7
    async with sandbox(seed=7) as other:
        assert stored(other) == stored(box)
        made = [
            await ok(w, "POST", "/players", {"currency": "EUR", "cash": 1}) for w in (box, other)
        ]
        assert made[0] == made[1]


async def test_a_reset_is_the_worlds_own(box: Sandbox) -> None:
    """The others play on (SBX-04)."""
    other = await make(box, name="ci-1")
    for where in (box, other):
        await where.authorize(await where.session(), "b-1", 2)
    await ok(other, "POST", "/reset")
    other.tokens.clear()
    assert (await other.call("GET", "/v1/bets/b-1")).status == 404
    assert (await box.call("GET", "/v1/bets/b-1")).status == 200


SESSION = {
    "player_id": "p_19f3",
    "game_id": "studio:slot_forge_02",
    "currency": "EUR",
    "locale": "de-DE",
}


# Sandboxes ---------------------------------------------------------------------------------------


async def test_a_sandbox_is_made_listed_and_dropped(box: Sandbox) -> None:
    """With its address, seed and credentials; gone, nothing answers there (SBX-04)."""
    got = await box.admin("POST", "/sandboxes", {"name": "ci-1", "seed": 7})
    assert got.status == 201
    made = got.json
    credentials = made.pop("credentials")
    assert made == {"sandbox": "ci-1", "base_url": "http://127.0.0.1:8080/s/ci-1", "seed": 7}
    assert [entry["client_id"] for entry in credentials] == list(CLIENTS)
    default = {"sandbox": "default", "base_url": "http://127.0.0.1:8080", "seed": 42}
    assert await ok(box, "GET", "/sandboxes") == {"items": [default, made]}
    other = Sandbox(box.app, box.worlds, "ci-1")
    assert (await other.call("GET", "/v1/players/p_19f3")).status == 200
    dropped = await box.admin("DELETE", "/sandboxes/ci-1")
    assert (dropped.status, dropped.body) == (204, b"")
    assert await ok(box, "GET", "/sandboxes") == {"items": [default]}
    gone = await other.call("GET", "/v1/players/p_19f3")
    require_problem(gone, 404, "NOT_FOUND")
    require_problem(await box.admin("DELETE", "/sandboxes/ci-1"), 404, "NOT_FOUND")


async def test_a_new_sandbox_of_an_old_name_is_new(box: Sandbox) -> None:
    """Nothing of the dropped one is found in it (SBX-04)."""
    old = await make(box, name="ci-1")
    await old.authorize(await old.session(), "b-1", 2)
    await box.admin("DELETE", "/sandboxes/ci-1")
    new = await make(box, name="ci-1")
    assert (await new.call("GET", "/v1/bets/b-1")).status == 404
    assert await money(new) == await money(box)


async def test_credentials_given_out_work(box: Sandbox) -> None:
    """Id and secret of each client get a token in the new sandbox (SBX-04, PRV-10)."""
    got = await ok(box, "POST", "/sandboxes", {"name": "ci-1"})
    other = Sandbox(box.app, box.worlds, "ci-1")
    for entry in got["credentials"]:
        assert entry["client_secret"] == f"{entry['client_id']}-secret"
        headers = {"X-Brand-Id": entry["brand_id"], "X-Region": entry["region"]}
        games = await other.call("GET", "/v1/games", client=entry["client_id"], headers=headers)
        assert games.status == 200


async def test_what_is_not_given_is_chosen(box: Sandbox) -> None:
    """A name of its own each time, never one that is taken, and the usual seed (SBX-04)."""
    await make(box, name="sb-2")
    names = [(await ok(box, "POST", "/sandboxes"))["sandbox"] for _ in range(3)]
    assert len({*names, "sb-2"}) == 4
    assert {item["seed"] for item in (await ok(box, "GET", "/sandboxes"))["items"]} == {42}


@pytest.mark.parametrize("name", ["", "CI", "-ci", "c i", "ci/1", "ä", "x" * 64, ".."])
async def test_what_cannot_stand_in_an_address_is_no_name(box: Sandbox, name: str) -> None:
    """Refused by its field, and nothing is made (SBX-04)."""
    require_field(await box.admin("POST", "/sandboxes", {"name": name}), "name")
    assert len(box.worlds.all()) == 1


async def test_a_taken_name_is_a_409(box: Sandbox) -> None:
    """`default` is taken too; the one that has the name is left alone (SBX-04)."""
    other = await make(box, name="ci-1", seed=7)
    for name in ("ci-1", "default"):
        got = await box.admin("POST", "/sandboxes", {"name": name, "seed": 8})
        require_problem(got, 409, "DUPLICATE")
    assert other.world.rng.seed == 7


async def test_there_are_only_so_many_sandboxes() -> None:
    """Beyond the limit none is made; where one is dropped there is room again (SBX-04)."""
    async with sandbox(max_sandboxes=3) as box:
        await make(box, name="ci-1")
        await make(box, name="ci-2")
        got = await box.admin("POST", "/sandboxes", {"name": "ci-3"})
        require_problem(got, 422, "LIMIT_EXCEEDED")
        assert got.json["details"] == {"max_sandboxes": 3}
        await box.admin("DELETE", "/sandboxes/ci-1")
        await make(box, name="ci-3")


async def test_a_bad_clock_makes_no_sandbox(box: Sandbox) -> None:
    """A sandbox that is refused is not there afterwards: the mended request works (SBX-04)."""
    for clock in (
        {"mode": "wall", "now": START},
        {"mode": "frozen", "now": "2026-02-30T00:00:00Z"},
    ):
        require_problem(
            await box.admin("POST", "/sandboxes", {"name": "ci-1", "clock": clock}),
            400,
            "VALIDATION_FAILED",
        )
    assert [world.name for world in box.worlds.all()] == ["default"]
    await make(box, name="ci-1", clock={"mode": "frozen"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/sandboxes"), ("POST", "/sandboxes"), ("DELETE", "/sandboxes/ci-1")],
)
async def test_sandboxes_are_made_at_the_root_only(box: Sandbox, method: str, path: str) -> None:
    """A sandbox cannot make, see or drop others, nor itself (SBX-04)."""
    other = await make(box, name="ci-1")
    require_problem(await other.admin(method, path), 404, "NOT_FOUND")
    assert len(box.worlds.all()) == 2


# Worlds of their own -----------------------------------------------------------------------------


async def test_money_is_the_worlds_own(box: Sandbox) -> None:
    """A bet, a payment or a player in one changes no row of the other (SBX-04)."""
    one, two = await make(box, name="ci-1"), await make(box, name="ci-2")
    before = stored(two), stored(box)
    await one.authorize(await one.session(), "b-1", 100)
    payment = {"payment_id": "pay-1", "amount": {"amount": 5, "currency": "EUR"}}
    await ok(one, "POST", "/players/p_19f3/fund", payment)
    await ok(one, "POST", "/players", {"player_id": "p_ana", "currency": "EUR", "cash": 1})
    assert (stored(two), stored(box)) == before
    assert (await money(one))["p_19f3"] == (Decimal(905), Decimal(100))
    for where in (one, two, box):
        await where.require_sound()


async def test_clocks_are_the_worlds_own(box: Sandbox) -> None:
    """Time passes in one and stands still in the other (SBX-03, SBX-04)."""
    one = await make(box, name="ci-1")
    two = await make(box, name="ci-2", clock={"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
    await ok(one, "POST", "/clock/advance", {"by_ms": 1_000})
    times = [(await ok(where, "GET", "/clock"))["now"] for where in (box, one, two)]
    assert times == [START, "2026-01-01T00:00:01.000Z", "2030-01-01T00:00:00.000Z"]


async def test_tokens_are_the_worlds_own(box: Sandbox) -> None:
    """A token of one opens no other, of the same seed either (SBX-04, PRV-10)."""
    worlds = [box, await make(box, name="ci-1"), await make(box, name="ci-2")]
    tokens = [await where.token("studio-demo") for where in worlds]
    assert len(set(tokens)) == 3
    for at, where in enumerate(worlds):
        for given, token in enumerate(tokens):
            bearer = {"Authorization": f"Bearer {token}"}
            got = await where.call("GET", "/v1/bets", headers=bearer)
            assert got.status == (200 if at == given else 401)


async def test_seeds_are_the_worlds_own(box: Sandbox) -> None:
    """Setting one sets no other (SBX-02, SBX-04)."""
    other = await make(box, name="ci-1", seed=7)
    await ok(other, "PUT", "/seed", {"seed": 8})
    assert (await ok(box, "GET", "/seed"), await ok(other, "GET", "/seed")) == (
        {"seed": 42},
        {"seed": 8},
    )
