"""The way out: what a fault does to a call of ours to a party that is not ours (SBX-05)."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from simulator.adapters.transport import NotSent, ReplyLost
from simulator.base.clock import NS_PER_MS, SimClock
from simulator.base.rng import Rng
from simulator.chaos.at import Arrival
from simulator.chaos.chaos import Chaos
from simulator.chaos.draws import stable_key
from simulator.chaos.fault import Place
from simulator.chaos.outgoing import ChaosTransport
from simulator.chaos.table import FAULTS
from simulator.settings import Target
from simulator.wire.calls import Call, Reply
from tests.play.tools import Casino
from tests.processes import Server, running
from tests.support import Sandbox, sandbox

WRITE = Place("outgoing", "wallet", "authorizeBet", writes=True)
READ = Place("outgoing", "wallet", "readBet", writes=False)
BODY = b'{"status":"authorized","bet_id":"b_1","balance":{"available":998.00}}'


class Theirs:
    """The other side: counts what arrives, and answers."""

    prefix = ""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def send(self, call: Call) -> Reply:
        self.calls.append(call)
        await asyncio.sleep(0)
        return Reply(status=200, headers={"content-type": "application/json"}, body=BODY)

    async def close(self) -> None: ...


class World:
    """A way out with one rule on it, and a clock that the waits move."""

    def __init__(self, rule: dict[str, Any]) -> None:
        self.waited_ns = 0
        self.notes: list[str] = []
        self.theirs = Theirs()
        self.chaos = Chaos([WRITE, READ], SimClock(), lambda: Rng(7), self._sleep)
        self.chaos.add({"at": {"call": "wallet", "seam": "outgoing"}, **rule})
        self.wire = ChaosTransport(self.theirs, self.chaos, self._know)

    async def _sleep(self, pause_ns: int) -> None:
        self.waited_ns += pause_ns
        await asyncio.sleep(0)

    def _know(self, call: Call) -> Arrival | None:
        place = WRITE if call.method == "POST" else READ
        return Arrival(place, call, stable_key("wallet", place.operation_id, call, None))

    async def send(self, method: str = "POST") -> Reply | str:
        """The reply, or the name of what was raised instead."""
        headers = {"X-Idempotency-Key": "k", "Authorization": "Bearer a.bbbbbbbbbbbbbb.c"}
        call = Call(method=method, target="/v1/x", headers=headers, body=b"{}")
        try:
            return await self.wire.send(call)
        except (NotSent, ReplyLost) as wrong:
            self.notes = wrong.__notes__
            return type(wrong).__name__


CASES: list[tuple[str, dict[str, Any], str, int, int]] = [
    # fault, parameters, what the caller gets, arrivals, milliseconds waited
    ("latency", {"ms": 120}, "200", 1, 120),
    ("latency", {"ms": 9_000}, "ReplyLost", 1, 9_000),
    ("throttle", {"bytes_per_s": 1_000}, "200", 1, 102),
    ("reorder", {"within_ms": 50}, "200", 1, 50),
    ("blackout", {}, "ReplyLost", 0, 0),
    ("blackout", {"shows": "silence"}, "ReplyLost", 0, 5_000),
    ("blackout", {"shows": "status"}, "503", 0, 0),
    ("refuse", {}, "NotSent", 0, 0),
    ("reset", {}, "ReplyLost", 0, 0),
    ("lose_request", {}, "ReplyLost", 0, 0),
    ("time_out", {}, "ReplyLost", 0, 5_000),
    ("rate_limit", {}, "429", 0, 0),
    ("status", {"status": 502}, "502", 0, 0),
    ("status", {"done": True}, "503", 1, 0),
    ("expire_token", {}, "401", 0, 0),
    ("late_original", {"within_ms": 70}, "ReplyLost", 1, 70),
    ("lose_reply", {}, "ReplyLost", 1, 0),
    ("lose_reply", {"moment": "mid_body"}, "ReplyLost", 1, 0),
    ("lose_reply", {"moment": "time_out"}, "ReplyLost", 1, 5_000),
    ("slow_body", {"piece_bytes": 30, "pause_ms": 10}, "200", 1, 30),
    ("slow_body", {"piece_bytes": 1, "pause_ms": 1_000}, "ReplyLost", 1, 69_000),
    ("cut_body", {}, "ReplyLost", 1, 0),
    ("wrong_content_type", {}, "200", 1, 0),
    ("malformed_body", {}, "200", 1, 0),
    ("duplicate", {"copies": 3}, "200", 3, 0),
    ("duplicate", {"parallel": True}, "200", 2, 0),
    ("clock_skew", {}, "200", 1, 0),
    ("corrupt_signature", {}, "200", 1, 0),
]


def test_every_fault_is_tried_on_the_way_out() -> None:
    """The table misses none; `stale_read`, which needs two calls, is below."""
    assert {case[0] for case in CASES} == set(FAULTS) - {"stale_read"}


@pytest.mark.parametrize(
    ("fault", "how", "gets", "arrivals", "waited_ms"),
    CASES,
    ids=[f"{fault}-{'-'.join(map(str, how.values()))}" for fault, how, *_ in CASES],
)
async def test_a_fault_on_the_way_out(
    fault: str, how: dict[str, Any], gets: str, arrivals: int, waited_ms: int
) -> None:
    """Our party gets what a real wire would give it: surely not sent, perhaps processed, or an
    answer; the other side sees the call as often as the fault says. What is longer than the time-
    out is lost to the caller, and goes on behind its back."""
    world = World({"fault": fault, "with": how})
    got = await world.send()
    found = got if isinstance(got, str) else str(got.status)
    for _ in range(100):  # what goes on behind takes turns of the loop, and no time
        await asyncio.sleep(0)
    await world.chaos.waits.close()
    assert (found, len(world.theirs.calls)) == (gets, arrivals)
    assert world.waited_ns == waited_ms * NS_PER_MS
    told = got.headers["x-chaos-injected"] if isinstance(got, Reply) else world.notes[0]
    assert told.startswith(f"{fault};rule={fault}-")
    (row,) = [row for row in world.chaos.coverage.rows() if row.fired]
    assert (row.operation, row.fault, row.attempt) == ("wallet.authorizeBet", fault, 1)


async def test_what_a_fault_changes_is_changed() -> None:
    """A corrupt token differs in one digit, a malformed body is no JSON, a wrong type is another,
    a skewed Date is not the clock's."""
    world = World({"fault": "corrupt_signature"})
    await world.send()
    (sent,) = world.theirs.calls
    proof = sent.headers["authorization"]
    assert sum(a != b for a, b in zip(proof, "Bearer a.bbbbbbbbbbbbbb.c", strict=True)) == 1
    malformed = await World({"fault": "malformed_body"}).send()
    assert isinstance(malformed, Reply)
    assert malformed.body == BODY[:-1]
    wrong = await World({"fault": "wrong_content_type"}).send()
    assert isinstance(wrong, Reply)
    assert wrong.headers["content-type"] == "text/html; charset=utf-8"
    skewed = await World({"fault": "clock_skew", "with": {"by_ms": -3_600_000}}).send()
    assert isinstance(skewed, Reply)
    assert skewed.headers["date"] == "Wed, 31 Dec 2025 23:00:00 GMT"


async def test_a_stale_read_on_the_way_out() -> None:
    """The second time the question does not arrive, and the first answer comes again."""
    world = World({"fault": "stale_read"})
    first, second = await world.send("GET"), await world.send("GET")
    assert len(world.theirs.calls) == 1
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert first.body == second.body
    assert "x-chaos-injected" in second.headers
    assert "x-chaos-injected" not in first.headers


async def test_without_a_rule_nothing_stands_in_the_way() -> None:
    """The control: a call goes out as it is, and nothing is counted."""
    world = World({"fault": "reset"})
    world.chaos.clear()
    got = await world.send()
    assert isinstance(got, Reply)
    assert "x-chaos-injected" not in got.headers
    assert world.theirs.calls[0].body == b"{}"


# Whole parties ------------------------------------------------------------------------------------


async def at_once(_pause_ns: int, /) -> None:
    await asyncio.sleep(0)


@pytest.fixture(scope="module")
def theirs() -> Iterator[Server]:
    with running("--clock", "frozen") as server:
        server.wait_ready()
        yield server


async def journalled(box: Sandbox, direction: str) -> int:
    """How many injections the journal tells of, on calls in this direction."""
    count, cursor = 0, ""
    while True:
        path = f"/journal?injected=true&direction={direction}&limit=200{cursor}"
        page = (await box.admin("GET", path)).json
        count += sum(len(entry["injected"]) for entry in page["items"])
        if not page["has_more"]:
            return count
        cursor = f"&cursor={page['next_cursor']}"


FAULTY = [
    {"fault": "refuse", "when": {"probability": "1/10"}},
    {"fault": "lose_reply", "when": {"probability": "1/10"}},
    {"fault": "reset", "when": {"probability": "1/10"}},
    {"fault": "cut_body", "when": {"probability": "1/10"}},
    {"fault": "duplicate", "when": {"probability": "1/10"}},
    {"fault": "status", "with": {"status": 502, "done": True}, "when": {"probability": "1/10"}},
]


@pytest.mark.nightly
@pytest.mark.parametrize("seam", ["incoming", "outgoing"])
@pytest.mark.parametrize("seed", range(100))
async def test_rounds_of_play_survive_under_many_seeds(
    seam: str, seed: int, theirs: Server
) -> None:
    """The same, a hundred times for each seam."""
    await test_rounds_of_play_survive_at_either_seam(seam, seed, theirs)


@pytest.mark.parametrize("seam", ["incoming", "outgoing"])
@pytest.mark.parametrize("seed", [1_000])
async def test_rounds_of_play_survive_at_either_seam(seam: str, seed: int, theirs: Server) -> None:
    """A call meets one seam: between parties of one world the callee's door, towards a `--target`
    our way out. Under six faults at once every round ends, the player has what the outcomes say,
    and the books are sound (SBX-05, SBX-12)."""
    targets = {}
    if seam == "outgoing":
        targets = {name: Target(name, theirs.url) for name in ("wallet", "rgs")}
    async with sandbox(sleep=at_once, targets=targets, seed=seed) as box:
        casino = Casino(box)
        session = await casino.open()
        for rule in FAULTY:
            at = {"call": "[wr]*", "seam": seam}
            if rule["fault"] == "refuse" and seam == "incoming":
                continue
            assert (await box.admin("POST", "/chaos/rules", {**rule, "at": at})).status == 201
        won, stakes = Decimal(0), Decimal(0)
        for n in range(8):
            got = await casino.play(session, f"r-{seam}-{seed}-{n}")
            assert got.status == 200, got.body
            won += Decimal(got.json["win"]["amount"])
            stakes += 2
        rows = list(box.world.chaos.coverage.rows())
        assert sum(row.fired for row in rows) > 4
        assert all(place.side == seam for one in box.world.chaos.all() for place in one.rule.places)
        box.world.chaos.clear()
        await casino.settled()
        fired = sum(row.fired for row in box.world.chaos.coverage.rows())
        assert await journalled(box, "out" if seam == "outgoing" else "inside") == fired
        shown = await casino.call("GET", f"/sessions/{session}")
        assert Decimal(shown.json["staked"]["amount"]) == stakes
        assert Decimal(shown.json["won"]["amount"]) == won
        await box.require_sound()
