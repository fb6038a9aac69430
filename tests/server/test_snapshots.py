"""The state of a sandbox held fast, gone back to and branched; many of them side by side, and the
abandoned ones (SBX-04)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulator import world as worlds
from simulator.snapshots import Shelf
from tests.play.tools import Casino, casino
from tests.server.test_control import make, ok, require_field
from tests.server.test_journal import search
from tests.server.tools import require_problem
from tests.support import Got, Sandbox, sandbox


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


async def snapshot(box: Sandbox, name: str | None = None) -> str:
    """Hold the state of a sandbox fast."""
    path = f"/sandboxes/{box.name}/snapshots"
    got = await at_root(box).admin("POST", path, {"name": name} if name else {})
    assert got.status == 201, got.body
    return str(got.json["snapshot"])


async def restore(box: Sandbox, name: str) -> Got:
    """Back to a state of its own."""
    path = f"/sandboxes/{box.name}/restore"
    return await at_root(box).admin("POST", path, {"snapshot": name})


async def fork(box: Sandbox, **ask: Any) -> Sandbox:
    """A branch, with the tokens that this one has."""
    got = await at_root(box).admin("POST", f"/sandboxes/{box.name}/fork", ask)
    assert got.status == 201, got.body
    branch = Sandbox(box.app, box.worlds, got.json["sandbox"])
    branch.tokens.update(box.tokens)
    branch.keys = box.keys
    return branch


def at_root(box: Sandbox) -> Sandbox:
    return Sandbox(box.app, box.worlds)


def rows(box: Sandbox) -> str:
    """A digest of every row of every party."""
    told = hashlib.sha256()
    for name, party in box.world.parties.items():
        database = party.writer.unit.database
        text = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
        for (table,) in database.rows(text):
            found = database.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
            told.update(repr((name, table, found)).encode())
    return told.hexdigest()


async def everything(box: Sandbox) -> tuple[Any, ...]:
    """Rows, clock, seed, rules of chaos, journal."""
    entries = await search(box)
    for entry in entries:
        entry.pop("took_us", None)
    told = [entry for entry in entries if entry["operation"] != "takeSnapshot"]  # it stands between
    return (
        rows(box),
        await ok(box, "GET", "/clock"),
        await ok(box, "GET", "/seed"),
        await ok(box, "GET", "/chaos/rules"),
        told,
    )


async def go_on(box: Sandbox) -> list[bytes]:
    """Calls whose answers depend on all of the state: ids, counters, tokens, time, attempts."""
    answers = [
        await box.call("POST", "/v1/sessions", SESSION, key="go-on"),
        await box.admin("POST", "/players", {"currency": "EUR", "cash": 5}),
        await box.authorize(await box.session(), "b-on", 2, key="bet-on"),
        await box.authorize("s-none", "b-none", 2, key="bet-none"),
        await box.raw("GET", "/v1/nowhere"),
        await box.admin("POST", "/clock/advance", {"by_ms": 1_000}),
        await box.admin("GET", "/audit"),
    ]
    return [got.body + str(sorted(got.headers.items())).encode() for got in answers]


SESSION = {
    "player_id": "p_19f3",
    "game_id": "studio:slot_forge_02",
    "currency": "EUR",
    "locale": "de-DE",
}
RULE = {
    "name": "slow-second",
    "at": "wallet.authorizeBet",
    "attempts": [1],
    "fault": "status",
    "with": {"status": 503},
}


async def played(box: Sandbox) -> None:
    """Something of everything that a state is made of."""
    await box.authorize(await box.session(), "b-1", 2)
    await ok(box, "PUT", "/seed", {"seed": 99})
    await ok(box, "POST", "/clock/advance", {"by_ms": 60_000})
    got = await box.admin("POST", "/chaos/rules", RULE)
    assert got.status == 201, got.body
    await ok(box, "POST", "/players", {"currency": "EUR", "cash": 5})
    await box.raw("GET", "/v1/nowhere")


# Back --------------------------------------------------------------------------------------------


async def test_a_restored_sandbox_is_as_it_was(box: Sandbox) -> None:
    """Rows of every party, clock, seed, chaos and journal are as they were, and the same calls get
    the same bytes, as often as it goes back (SBX-02, SBX-04)."""
    await played(box)
    name = await snapshot(box)
    before, first, keys = await everything(box), None, box.keys
    for _ in range(3):
        box.keys = keys
        answers = await go_on(box)
        first = first or answers
        assert answers == first
        assert await everything(box) != before
        assert (await restore(box, name)).json == {"sandbox": "default", "seed": 99}
        assert await everything(box) == before
    await box.require_sound()


async def test_nonces_are_part_of_the_state(box: Sandbox) -> None:
    """What was signed after the snapshot can be sent again after going back, what was signed
    before cannot (WAL-71, SBX-04)."""
    authority = box.world.authority
    authority._use_nonce(("studio-demo", "nonce-before"), 1)
    name = await snapshot(box)
    authority._use_nonce(("studio-demo", "nonce-after"), 1)
    await restore(box, name)
    box.world.authority._use_nonce(("studio-demo", "nonce-after"), 1)
    with pytest.raises(Exception, match="used before"):
        box.world.authority._use_nonce(("studio-demo", "nonce-before"), 1)


async def test_what_was_counted_is_part_of_the_state() -> None:
    """Tokens are numbered and calls are limited from where both stood: after going back, and in a
    branch, the next token is the same one and an empty bucket is empty (PRV-62, SBX-04)."""
    async with sandbox(rate_limit_per_s=2) as box:
        first = await box.token("studio-demo")
        for _ in range(2):
            assert (await box.call("GET", "/v1/bets")).status == 200
        name = await snapshot(box)
        second = await box.token("studio-demo")
        assert second != first
        await ok(box, "POST", "/clock/advance", {"by_ms": 5_000})
        assert (await box.call("GET", "/v1/bets")).status == 200
        branch = await fork(box, snapshot=name)
        await restore(box, name)
        for where in (box, branch):
            assert (await where.call("GET", "/v1/bets")).status == 429
            assert await where.token("studio-demo") == second


async def test_a_snapshot_stays_as_it_was(box: Sandbox) -> None:
    """Neither what happens afterwards nor what is done after going back reaches it (SBX-04)."""
    name = await snapshot(box, "start")
    assert name == "start"
    for _ in range(2):
        await box.authorize(await box.session(), "b-1", 2, key="bet-1")
        assert await box.balance() != await (await fork(box, snapshot="start")).balance()
        await restore(box, "start")
        assert (await box.call("GET", "/v1/bets/b-1")).status == 404


async def test_a_sandbox_on_disk_is_branched_and_not_put_back(tmp_path: Path) -> None:
    """A crash in the middle would leave neither state: a 409 that says what works, and the branch
    in memory has what was committed (SBX-04)."""
    async with sandbox(tmp_path / "world") as box:
        await box.authorize(await box.session(), "b-1", 2)
        name = await snapshot(box)
        got = await restore(box, name)
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"] == {"reason": "durable"}
        branch = await fork(box, snapshot=name)
        assert (await branch.call("GET", "/v1/bets/b-1")).status == 200
        assert rows(branch) == rows(box)
        assert (await ok(branch, "GET", "/health"))["store"]["durable"] is False
        await branch.settle("b-1", 5)
        assert rows(branch) != rows(box)
        await branch.require_sound()


async def test_a_call_on_its_way_is_gone_on_with() -> None:
    """A round whose call was lost is pending in the state: the branch plays it to its end by
    itself, and the books agree there (WAL-72, SBX-04)."""
    async with sandbox(virtual_time=True) as box:
        game = Casino(box)
        session = await game.open()
        game.meddle({1: lost_for_ever})
        playing = asyncio.create_task(game.play(session, "r-1"))
        while len(game.calls) < 2:
            await asyncio.sleep(0)
        branch = await fork(box)
        await Casino(branch).settled()
        got = await branch.call("GET", "/play/v1/rounds/r-1", client="platform-demo")
        assert got.json["status"] == "completed", got.body
        await branch.require_sound()
        assert not playing.done()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


async def lost_for_ever(*_: Any) -> Any:
    await asyncio.get_running_loop().create_future()


# Branches ----------------------------------------------------------------------------------------


async def test_branches_of_one_state_have_the_same_future(box: Sandbox) -> None:
    """From the present state or from a snapshot of it, the same calls get the same bytes in each,
    as in the sandbox that they come from; another seed makes another future (SBX-02, SBX-04)."""
    parent = await make(box, name="ci-1")
    await played(parent)
    name = await snapshot(parent)
    branches = [await fork(parent), await fork(parent), await fork(parent, snapshot=name), parent]
    other = await fork(parent, seed=7)
    futures = [await go_on(branch) for branch in branches]
    assert futures[0] == futures[1] == futures[2] == futures[3] != await go_on(other)
    assert len({rows(branch) for branch in branches}) == 1
    assert rows(other) != rows(parent)
    for branch in (*branches, other):
        await branch.require_sound()


async def test_spins_of_branches_are_the_same() -> None:
    """Tokens between the parties and what they have counted go along: whole rounds, their ids and
    outcomes, the calls in between (RGS-11, SBX-04)."""
    async with casino() as game:
        session = await game.open()
        await game.play(session, "r-1")
        await game.settled()
        told = []
        for box in (await fork(game.box), await fork(game.box), game.box):
            seen = len(await search(box))
            path, body = "/play/v1/rounds", {"session_id": session, "round_id": "r-2"}
            stake = {"stake": {"amount": 2, "currency": "EUR"}}
            got = await box.call("POST", path, body | stake, key="r-2", client="platform-demo")
            assert got.status == 200, got.body
            await Casino(box).settled()
            calls = [(e["operation"], e["trace_id"]) for e in (await search(box))[seen:]]
            told.append((got.body, calls, rows(box)))
        assert told[0] == told[1] == told[2]


async def test_branches_know_nothing_of_each_other(box: Sandbox) -> None:
    """Money, time, rules and journal of one are not the other's, nor the one's they come from; a
    token that was good stays good in each, and the branch goes on without the one it came from
    (SBX-04)."""
    parent = await make(box, name="ci-1")
    await parent.session()
    one, two = await fork(parent, name="ci-1-a"), await fork(parent, name="ci-1-b")
    await one.authorize(await one.session(), "b-1", 2)
    await ok(one, "POST", "/clock/advance", {"by_ms": 1_000})
    assert (await one.admin("POST", "/chaos/rules", RULE)).status == 201
    for where in (two, parent):
        assert (await where.call("GET", "/v1/bets/b-1")).status == 404
        assert (await ok(where, "GET", "/clock"))["now"] == "2026-01-01T00:00:00.000Z"
        assert (await ok(where, "GET", "/chaos/rules"))["items"] == []
    await box.admin("DELETE", "/sandboxes/ci-1")
    assert (await two.call("GET", "/v1/bets")).status == 200
    state = await ok(two, "GET", "/journal/state")
    assert (state["replayable"], state["why_not"]) == (False, "the sandbox was branched from ci-1")


async def test_a_branch_of_a_snapshot_outlives_it(box: Sandbox) -> None:
    """Dropped, it is still what the branch began as, read or written to (SBX-04)."""
    await box.authorize(await box.session(), "b-1", 2)
    held = await snapshot(box)
    branch = await fork(box, snapshot=held)
    before = rows(branch)
    dropped = await box.admin("DELETE", f"/sandboxes/{box.name}/snapshots/{held}")
    assert dropped.status == 204
    assert rows(branch) == before
    assert (await branch.settle("b-1", 3)).status == 200
    await branch.require_sound()


async def test_a_branch_begins_again_where_its_world_began(box: Sandbox) -> None:
    """A reset of it is a reset, not a way back to the branching (SBX-04)."""
    fresh = rows(box)
    await box.authorize(await box.session(), "b-1", 2)
    branch = await fork(box)
    await ok(branch, "POST", "/reset")
    assert rows(branch) == fresh


# Names, limits, ends -----------------------------------------------------------------------------


async def test_snapshots_are_named_listed_and_dropped(box: Sandbox) -> None:
    """In their order, each with its time and size; they go with their sandbox (SBX-04)."""
    other = await make(box, name="ci-1")
    await snapshot(other, "one")
    await ok(other, "POST", "/clock/advance", {"by_ms": 1_000})
    assert await snapshot(other) == "snap-1"
    listed = (await ok(box, "GET", "/sandboxes/ci-1/snapshots"))["items"]
    assert [(one["snapshot"], one["at"]) for one in listed] == [
        ("one", "2026-01-01T00:00:00.000Z"),
        ("snap-1", "2026-01-01T00:00:01.000Z"),
    ]
    assert all(one["bytes"] > 100_000 and one["sandbox"] == "ci-1" for one in listed)
    assert (await ok(box, "GET", "/sandboxes/default/snapshots"))["items"] == []
    require_problem(
        await box.admin("POST", "/sandboxes/ci-1/snapshots", {"name": "one"}), 409, "DUPLICATE"
    )
    gone = await box.admin("DELETE", "/sandboxes/ci-1/snapshots/one")
    assert (gone.status, gone.body) == (204, b"")
    got = await box.admin("DELETE", "/sandboxes/ci-1/snapshots/one")
    require_problem(got, 404, "NOT_FOUND")
    await box.admin("DELETE", "/sandboxes/ci-1")
    await make(box, name="ci-1")
    assert (await ok(box, "GET", "/sandboxes/ci-1/snapshots"))["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/sandboxes/ci-9/snapshots", None),
        ("POST", "/sandboxes/ci-9/snapshots", {}),
        ("POST", "/sandboxes/ci-9/fork", {}),
        ("POST", "/sandboxes/ci-9/restore", {"snapshot": "one"}),
        ("POST", "/sandboxes/default/restore", {"snapshot": "one"}),
        ("POST", "/sandboxes/default/fork", {"snapshot": "one"}),
        ("DELETE", "/sandboxes/default/snapshots/one", None),
    ],
)
async def test_what_is_not_there_is_a_404(box: Sandbox, method: str, path: str, body: Any) -> None:
    """A sandbox or a snapshot, by its name, and nothing is made (SBX-04)."""
    require_problem(await box.admin(method, path, body), 404, "NOT_FOUND")
    assert len(box.worlds.all()) == 1


async def test_a_branch_needs_a_name_that_is_free(box: Sandbox) -> None:
    """And one that can stand in an address (SBX-04)."""
    got = await box.admin("POST", "/sandboxes/default/fork", {"name": "default"})
    require_problem(got, 409, "DUPLICATE")
    require_field(await box.admin("POST", "/sandboxes/default/fork", {"name": "C I"}), "name")
    assert len(box.worlds.all()) == 1


async def test_there_is_only_so_much_room() -> None:
    """For sandboxes, for snapshots, and for what they take (SBX-04)."""
    async with sandbox(max_sandboxes=2) as box:
        await fork(box)
        got = await box.admin("POST", "/sandboxes/default/fork", {})
        require_problem(got, 422, "LIMIT_EXCEEDED")
        box.worlds.snapshots = Shelf(most=2)
        await snapshot(box)
        await snapshot(box)
        got = await box.admin("POST", "/sandboxes/default/snapshots", {})
        require_problem(got, 422, "LIMIT_EXCEEDED")
        assert got.json["details"] == {"max_snapshots": 2}
        box.worlds.snapshots.most = 10
        box.worlds.snapshots.most_bytes = 1_500_000
        got = await box.admin("POST", "/sandboxes/default/snapshots", {})
        require_problem(got, 422, "LIMIT_EXCEEDED")
        assert got.json["details"] == {"max_snapshot_bytes": 1_500_000}


async def test_the_abandoned_ones_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was not called for so long is gone when there is to be another; the default one and those
    that are in use stay (SBX-04)."""
    now = [0]
    monkeypatch.setattr(worlds, "stopwatch_ns", lambda: now[0])
    async with sandbox(idle_s=60) as box:
        first, second = await make(box, name="first"), await make(box, name="second")
        for where in (first, second):
            where.world.used_ns = 0
        now[0] = 50 * 10**9
        await second.call("GET", "/v1/bets")
        now[0] = 70 * 10**9
        await make(box, name="third")
        assert [world.name for world in box.worlds.all()] == ["default", "second", "third"]
        assert (await first.admin("GET", "/health")).status == 404
        now[0] = 10**15
        names = [one["sandbox"] for one in (await ok(box, "GET", "/sandboxes"))["items"]]
        assert names == ["default"]
    async with sandbox(idle_s=0) as box:
        await make(box, name="first")
        now[0] = 10**18
        assert len((await ok(box, "GET", "/sandboxes"))["items"]) == 2


async def test_a_copied_start_is_a_start(box: Sandbox) -> None:
    """A sandbox made as a copy of the first of its kind has the same rows as one that was made the
    long way, of another seed other ones, and its journal can be played again (SBX-02, SBX-04)."""
    long = await make(box, name="long", seed=7)
    copied, other = await make(box, name="copied", seed=7), await make(box, name="other", seed=8)
    assert rows(long) == rows(copied) != rows(other)
    async with sandbox(seed=7) as alone:
        assert rows(alone) == rows(copied)
    assert rows(await make(box)) == rows(await make(box)) == rows(box), "of no seed: the usual one"
    later = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}
    assert rows(await make(box, seed=7, clock=later)) != rows(copied)
    assert (await ok(copied, "GET", "/journal/state"))["replayable"] is True
    await copied.authorize(await copied.session(), "b-1", 2)
    assert rows(await make(box, name="again", seed=7)) == rows(long), "the copy is the copy's own"


# Side by side ------------------------------------------------------------------------------------


async def test_two_hundred_sandboxes_play_side_by_side(box: Sandbox) -> None:
    """Made at once, played at once with the same ids, each has its own money and time and nothing
    of its neighbours', sound in itself (SBX-04)."""

    async def job(number: int) -> None:
        mine = await make(box, name=f"ci-{number}", seed=number % 5)
        session = await mine.session()
        got = await mine.authorize(session, "b-1", number + 1, key="bet-1")
        assert got.status == 200, got.body
        await ok(mine, "POST", "/clock/advance", {"by_ms": number})
        assert (await mine.settle("b-1", 2 * number, key="settle-1")).status == 200
        available, held = await mine.balance()
        assert available == 1000 - (number + 1) + 2 * number
        assert held == 0
        now = (await ok(mine, "GET", "/clock"))["now"]
        assert now == f"2026-01-01T00:00:00.{number:03d}Z"
        assert len(await search(mine, "operation=authorizeBet")) == 1
        assert (await ok(mine, "GET", "/reconcile"))["sound"]

    await asyncio.gather(*(job(number) for number in range(200)))
    assert len(box.worlds.all()) == 201
    assert (await box.balance())[0] == 1000
    for number in range(200):
        assert (await box.admin("DELETE", f"/sandboxes/ci-{number}")).status == 204
    assert len(box.worlds.all()) == 1
