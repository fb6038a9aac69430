"""The journal: every exchange, in and out, found, counted, judged and exported (SBX-10). What it
must not tell is in `test_journal_masks.py`."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.adapters.transport import NotSent
from simulator.server.exchange import Answer, Exchange
from simulator.server.journal import OVERHEAD_BYTES, Beginning, Journal, Room
from simulator.settings import ClockSetting, Target
from simulator.wire.calls import Call
from tests.play.tools import Casino, at_once, casino
from tests.processes import running
from tests.server.test_control import make, ok, require_field
from tests.server.tools import require_problem
from tests.support import Sandbox, sandbox


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


async def search(box: Sandbox, query: str = "") -> list[dict[str, Any]]:
    """The exchanges that match."""
    got = await box.admin("GET", f"/journal?limit=200{'&' + query if query else ''}")
    assert got.status == 200, got.body
    return json.loads(got.body)["items"]  # type: ignore[no-any-return]


async def verify(box: Sandbox, **ask: Any) -> Any:
    return await ok(box, "POST", "/journal/verify", ask)


async def settled_twice(box: Sandbox) -> None:
    """A bet, settled, and settled again with the same key."""
    await box.authorize(await box.session(), "b-1", 2, key="bet-1")
    for _ in range(2):
        assert (await box.settle("b-1", 5, key="settle-1")).status == 200


# What is in it -----------------------------------------------------------------------------------


async def test_an_exchange_is_told_as_it_was(box: Sandbox) -> None:
    """Time, party, operation, client, key, trace id, both halves with headers and bodies as they
    went over the wire (SBX-10)."""
    got = await box.authorize(await box.session(), "b-1", 2, key="bet-1")
    (found,) = await search(box, "operation=authorizeBet")
    took_us = found.pop("took_us")
    assert 0 < took_us < 10_000_000
    request, answer = found.pop("request"), found.pop("answer")
    assert found == {
        "exchange": 3,
        "at": "2026-01-01T00:00:00.000Z",
        "direction": "in",
        "party": "wallet",
        "operation": "authorizeBet",
        "trace_id": "tr_test",
        "client": "studio-demo",
        "key": "bet-1",
    }
    assert (request["method"], request["target"]) == ("POST", "/v1/bets/authorize")
    assert json.loads(request["body"])["bet_id"] == "b-1"
    assert ["x-idempotency-key", "bet-1"] in request["headers"]
    assert (answer["status"], answer["body"]) == (200, got.body.decode())
    assert dict(answer["headers"]) == dict(got.headers)
    assert [name for name, _ in answer["headers"]] == list(got.headers)


async def test_what_was_refused_is_in_it_too(box: Sandbox) -> None:
    """Unknown paths, wrong methods, bad tokens, bodies that are not JSON or not text (SBX-10)."""
    await box.raw("GET", "/v1/nowhere")
    await box.raw("PUT", "/v1/bets/authorize")
    await box.raw("GET", "/v1/bets", headers={"Authorization": "Bearer no"})
    await box.call("POST", "/v1/sessions", headers={"Content-Type": "text/plain"})
    headers = {"Content-Type": "application/json"}
    await box.raw("PUT", "/__admin/seed", b"\xff\xfe{", headers)
    found = [(e["operation"], e["party"], e["answer"]["status"]) for e in await search(box)]
    assert found == [
        ("", "", 404),
        ("", "", 405),
        ("listBets", "wallet", 401),
        ("issueToken", "server", 200),
        ("createSession", "wallet", 400),
        ("setSeed", "server", 400),
    ]
    assert (await search(box))[-1]["request"]["body_base64"] == "//57"


async def test_calls_between_parties_are_inside() -> None:
    """What one party of the world asks of another stands in it with its own direction, under the
    trace id of the call that it belongs to (SBX-10)."""
    async with casino() as game:
        got = await game.play(await game.open(), "r-1")
        assert got.status == 200, got.body
        found = await search(game.box)
        assert [entry["exchange"] for entry in found] == list(range(1, len(found) + 1))
        outside = [e["operation"] for e in found if e["direction"] == "in"]
        assert outside == ["issueToken", "openPlaySession", "playRound"]
        inside = await search(game.box, "direction=inside&trace_id=tr_test")
        assert {entry["party"] for entry in inside} == {"wallet", "rgs"}
        assert {entry["client"] for entry in inside} == {"playmoney-play"}


async def test_calls_to_a_target_are_out() -> None:
    """What a party asks of the user's own system is told with what it answered, or that it did not
    answer; a replay is not promised then (SBX-10)."""
    with running("--clock", "frozen") as wallet:
        wallet.wait_ready()
        targets = {"wallet": Target("wallet", wallet.url)}
        async with sandbox(targets=targets, sleep=at_once) as box:
            game = Casino(box)
            await game.open()
            found = await search(box, "direction=out")
            assert {entry["party"] for entry in found} == {"wallet"}
            assert "createSession" in {entry["operation"] for entry in found}
            assert all(entry["answer"]["status"] in {200, 201} for entry in found)
            assert (await ok(box, "GET", "/journal/state"))["replayable"] is False
    async with sandbox(targets={"wallet": Target("wallet", "http://127.0.0.1:9")}) as box:
        wire = box.world.parties["play"].courier._outgoing
        with pytest.raises(NotSent):
            await wire.send(Call(to="wallet", method="GET", target="/v1/games"))
        (lost,) = await search(box, "direction=out&status=0")
        assert (lost["party"], lost["operation"]) == ("wallet", "issueToken")
        assert "answer" not in lost
        assert "no connection" in lost["lost"]


async def test_the_journal_is_not_in_the_journal(box: Sandbox) -> None:
    """Looking changes nothing: two looks see the same (SBX-10)."""
    await box.raw("GET", "/v1/nowhere")
    assert await search(box) == await search(box)
    assert len(await search(box)) == 1


async def test_injected_faults_are_told(box: Sandbox) -> None:
    """What an exchange says was done to it, and a filter for those (SBX-06, SBX-10)."""
    journal = box.world.journal
    scope: Any = {"method": "GET", "path": "/x", "query_string": b"", "headers": []}
    for injected, answer in (((), Answer(200, b"{}")), (("lose_reply",), None)):
        exchange = Exchange(scope, "/x")
        journal.arrive(exchange, 0)
        exchange.injected = injected
        journal.keep(exchange, answer)
    (struck,) = await search(box, "injected=true")
    assert struck["injected"] == ["lose_reply"]
    assert "answer" not in struck
    assert [e["exchange"] for e in await search(box, "injected=false")] == [1]
    assert [e["exchange"] for e in await search(box, "status=0")] == [2]


# Searching, counting, judging --------------------------------------------------------------------


async def test_each_filter_finds_its_own(box: Sandbox) -> None:
    """By operation, key, trace id, status, party, client, time and text, alone and together
    (SBX-10)."""
    await settled_twice(box)
    await ok(box, "POST", "/clock/advance", {"by_ms": 1_000})
    await box.call("GET", "/v1/bets/b-9", headers={"X-Trace-Id": "tr_mine"})
    for query, count in (
        ("operation=settleBet", 2),
        ("key=settle-1", 2),
        ("key=settle", 0),
        ("trace_id=tr_mine", 1),
        ("status=404", 1),
        ("party=server", 2),
        ("party=wallet", 5),
        ("client=studio-demo&operation=readBet", 1),
        ("client=studio-demo&operation=issueToken", 1),
        ("direction=out", 0),
        ("at_from=2026-01-01T00:00:00.500Z", 1),
        ("at_to=2026-01-01T00:00:00.500Z", 6),
        ("contains=b-9", 1),
        ("operation=settleBet&status=404", 0),
    ):
        assert len(await search(box, query)) == count, query
        assert await ok(box, "GET", f"/journal/count?{query}") == {"count": count}, query


async def test_pages_follow_each_other(box: Sandbox) -> None:
    """Each exchange once, in both orders, whatever comes meanwhile (PRV-60, SBX-10)."""
    for n in range(7):
        await box.raw("GET", f"/v1/nowhere/{n}")
    for order, wanted in (("asc", [1, 2, 3, 4, 5, 6, 7, 8]), ("desc", [7, 6, 5, 4, 3, 2, 1])):
        found: list[int] = []
        cursor = ""
        while True:
            path = f"/journal?limit=3&order={order}&contains=nowhere{cursor}"
            page = await ok(box, "GET", path)
            found += [entry["exchange"] for entry in page["items"]]
            if not page["has_more"]:
                break
            cursor = f"&cursor={page['next_cursor']}"
            if order == "asc" and len(found) == 3:
                await box.raw("GET", "/v1/nowhere/late")
        assert found == (wanted if order == "asc" else [8, *wanted])
    require_field(await box.admin("GET", "/journal?cursor=x"), "cursor")


async def test_a_count_is_judged(box: Sandbox) -> None:
    """Was settleBet called exactly twice with this key? (SBX-10)"""
    await settled_twice(box)
    settles = {"operation": "settleBet", "key": "settle-1"}
    numbers = (await verify(box, **settles, exactly=2))["exchanges"]
    for ask, holds, message in (
        ({"exactly": 2}, True, "2 as it should be"),
        ({"exactly": 3}, False, "2, but it should be exactly 3"),
        ({"at_least": 1, "at_most": 2}, True, "2 as it should be"),
        ({"at_least": 3}, False, "2, but it should be at least 3"),
        ({"at_most": 1}, False, "2, but it should be at most 1"),
        ({"at_most": 0}, False, "2, but it should be at most 0"),
    ):
        said = await verify(box, **settles, **ask)
        assert said == {"holds": holds, "count": 2, "message": message, "exchanges": numbers}
    require_problem(await box.admin("POST", "/journal/verify", settles), 400, "VALIDATION_FAILED")


async def test_a_bad_time_is_named(box: Sandbox) -> None:
    """A day that no year has is refused by its field (WAL-77)."""
    got = await box.admin("GET", "/journal?at_from=2026-02-30T00:00:00Z")
    require_field(got, "at_from")


# Bounds and switches -----------------------------------------------------------------------------


async def test_it_keeps_the_newest(box: Sandbox) -> None:
    """The oldest go first, by number and by size; how many went is told (SBX-10)."""
    state = await ok(box, "PUT", "/journal/state", {"keep_exchanges": 3})
    assert state["keep_exchanges"] == 3
    for n in range(5):
        await box.raw("GET", f"/v1/nowhere/{n}")
    assert [e["request"]["target"] for e in await search(box)] == [
        f"/v1/nowhere/{n}" for n in (2, 3, 4)
    ]
    state = await ok(box, "GET", "/journal/state")
    assert (state["exchanges"], state["dropped"], state["replayable"]) == (3, 2, False)
    said = await verify(box, contains="nowhere", exactly=5)
    assert "2 older exchanges were dropped" in said["message"]


def test_bytes_are_bounded_for_one_world_and_for_all() -> None:
    """Large bodies push out old ones; another world's journal takes room from the same pool, and
    gives it back when it ends (SBX-10)."""
    room = Room(limit=20 * OVERHEAD_BYTES)
    one, two = (Journal(Beginning(7, ClockSetting("frozen")), room) for _ in range(2))
    one.bound(1_000, 8 * OVERHEAD_BYTES)
    for _ in range(10):
        record(one, b"")
    assert (len(one), one.dropped, one.bytes) == (8, 2, 8 * OVERHEAD_BYTES)
    record(one, b"x" * 7 * OVERHEAD_BYTES)
    assert len(one) == 1
    for _ in range(20):
        record(two, b"")
    assert len(two) == 12
    assert room.used == one.bytes + two.bytes == 20 * OVERHEAD_BYTES
    one.end()
    two.end()
    record(one, b"")
    assert (len(one), room.used) == (0, 0)


def record(journal: Journal, body: bytes) -> None:
    scope: Any = {"method": "GET", "path": "/x", "query_string": b"", "headers": []}
    exchange = Exchange(scope, "/x")
    journal.arrive(exchange, 0)
    if journal.recording:
        journal.keep(exchange, Answer(200, body))


async def test_it_can_be_switched_off(box: Sandbox) -> None:
    """Nothing is recorded in a pause, and a replay is not promised any more; a server can be
    started without (SBX-10)."""
    await ok(box, "PUT", "/journal/state", {"recording": False})
    await box.raw("GET", "/v1/nowhere")
    state = await ok(box, "PUT", "/journal/state", {"recording": True})
    assert await search(box) == []
    assert (state["recording"], state["replayable"]) == (True, False)
    assert "switched off" in state["why_not"]
    async with sandbox(journal=0) as other:
        await other.raw("GET", "/v1/nowhere")
        assert await search(other) == []


async def test_it_can_be_cleared(box: Sandbox) -> None:
    """What was there is gone, the world is as it was; numbers go on (SBX-10)."""
    await settled_twice(box)
    before = len(await search(box))
    got = await box.admin("DELETE", "/journal")
    assert (got.status, got.body) == (204, b"")
    assert await search(box) == []
    assert (await box.call("GET", "/v1/bets/b-1")).status == 200
    assert [e["exchange"] for e in await search(box)] == [before + 1]
    assert (await ok(box, "GET", "/journal/state"))["replayable"] is False


async def test_a_journal_is_its_worlds_own(box: Sandbox) -> None:
    """A call to one sandbox is in no other's; a reset begins a new one (SBX-04, SBX-10)."""
    one, two = await make(box, name="ci-1"), await make(box, name="ci-2")
    await one.raw("GET", "/v1/nowhere")
    assert [len(await search(w)) for w in (one, two)] == [1, 0]
    await ok(one, "POST", "/reset")
    assert await search(one) == []
    assert (await ok(one, "GET", "/journal/state"))["replayable"] is True


# Files -------------------------------------------------------------------------------------------


async def test_the_same_calls_give_the_same_file() -> None:
    """Without timing, two worlds of one seed write the same bytes; another seed writes others
    (SBX-02, SBX-10)."""
    files = []
    for seed in (42, 42, 43):
        async with sandbox(seed=seed) as world:
            await settled_twice(world)
            files.append((await world.admin("GET", "/journal/export?timing=false")).body)
    assert files[0] == files[1] != files[2]
    lines = [json.loads(line) for line in files[0].splitlines()]
    assert lines[0]["seed"] == 42
    assert [line["operation"] for line in lines[1:]] == [
        "issueToken",
        "createSession",
        "authorizeBet",
        "settleBet",
        "settleBet",
    ]


async def test_har_is_har(box: Sandbox) -> None:
    """Every member that HAR 1.2 requires is there, times are ISO 8601, sizes are those of the
    bodies, and there is one entry for each exchange (SBX-10)."""
    await settled_twice(box)
    got = await box.admin("GET", "/journal/export?format=har")
    assert got.headers["content-type"] == "application/json"
    log = json.loads(got.body)["log"]
    assert log["version"] == "1.2"
    assert log["creator"]["name"] == "playmoney"
    assert len(log["entries"]) == len(await search(box))
    for entry in log["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert set(entry["timings"]) == {"send", "wait", "receive"}
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString"} <= set(
            entry["request"]
        )
        answer = entry["response"]
        assert {"status", "statusText", "redirectURL", "content", "headersSize"} <= set(answer)
        assert answer["content"]["size"] == len(answer["content"].get("text", "").encode())
    last = log["entries"][-1]
    assert last["request"]["url"] == "http://playmoney/v1/bets/settle"
    assert json.loads(last["request"]["postData"]["text"])["bet_id"] == "b-1"
    assert last["_idempotencyKey"] == "settle-1"
