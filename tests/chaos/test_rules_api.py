"""`/__admin/chaos`: rules put in force and taken out, whose calls they strike, what they struck
(SBX-06)."""

import asyncio
from random import Random
from typing import Any

import pytest

from simulator.adapters.inprocess import InProcessTransport
from simulator.adapters.transport import ReplyLost
from simulator.base.clock import iso
from simulator.wire import signing
from simulator.wire.calls import Call, Reply
from tests.support import BRAND_42, Got, Sandbox, encode, sandbox

RULES = "/chaos/rules"


async def at_once(_pause_ns: int, /) -> None:
    await asyncio.sleep(0)


async def add(box: Sandbox, **rule: Any) -> str:
    got = await box.admin("POST", RULES, {"with": {}, **rule} if "with" in rule else rule)
    assert got.status == 201, got.body
    return str(got.json["name"])


def struck(got: Got) -> bool:
    return "x-chaos-injected" in got.headers


async def read(box: Sandbox, **how: Any) -> bool:
    """Whether a read of the player is struck."""
    return struck(await box.call("GET", "/v1/players/p_19f3", **how))


async def table(box: Sandbox) -> set[tuple[str, str, int | None, int]]:
    items = (await box.admin("GET", "/chaos/coverage")).json["items"]
    return {(i["operation"], i["fault"], i.get("attempt"), i["fired"]) for i in items}


async def test_a_rule_is_added_shown_paused_and_removed() -> None:
    """What was added is listed with what it has counted; paused it strikes nothing; removed it is
    gone, and a second removal is a 404 (SBX-06)."""
    async with sandbox() as box:
        assert not await read(box)
        name = await add(box, fault="status", at="wallet.readPlayer", why="a test")
        assert await read(box)
        (shown,) = (await box.admin("GET", RULES)).json["items"]
        assert shown == {
            "name": name,
            "rule": {
                "name": name,
                "fault": "status",
                "at": {"call": "wallet.readPlayer"},
                "why": "a test",
            },
            "paused": False,
            "since": iso(box.world.clock.now_ns()),
            "calls": 1,
            "strikes": 1,
        }
        paused = await box.admin("PATCH", f"{RULES}/{name}", {"paused": True})
        assert paused.json["paused"] is True
        assert not await read(box)
        assert (await box.admin("PATCH", f"{RULES}/{name}", {"paused": False})).status == 200
        assert await read(box)
        assert (await box.admin("DELETE", f"{RULES}/{name}")).status == 204
        assert not await read(box)
        assert (await box.admin("DELETE", f"{RULES}/{name}")).code == "NOT_FOUND"
        assert (await box.admin("GET", RULES)).json["items"] == []


async def test_a_bad_rule_is_a_400_that_helps() -> None:
    """Field, what is wrong and the nearest word, in the one error model (PRV-25, SBX-06)."""
    async with sandbox() as box:
        for rule, field, said in (
            ({"fault": "lose_reply", "at": "wallet.authoriseBet"}, "at", "wallet.authorizeBet"),
            ({"fault": "lose_repl"}, "fault", "did you mean 'lose_reply'"),
            ({"fault": "reset", "wiht": 1}, "rule", "did you mean 'with'"),
            ({"fault": "refuse", "at": "wallet"}, "fault", "share"),
            ({"fault": "latency", "when": {"probability": "30%"}}, "when.probability", "3/10"),
        ):
            got = await box.admin("POST", RULES, rule)
            assert (got.status, got.code) == (400, "VALIDATION_FAILED")
            (error,) = got.json["details"]["errors"]
            assert error["field"] == field
            assert said in error["message"]
        assert (await box.admin("GET", RULES)).json["items"] == []


@pytest.mark.parametrize(
    ("at", "hits"),
    [
        ({"player": "p_19f3"}, {"read", "session", "bet", "settle"}),
        ({"player": "p_19*"}, {"read", "session", "bet", "settle"}),
        ({"player": "p_other"}, set()),
        ({"brand": "brand-42"}, {"read", "session", "bet", "settle"}),
        ({"brand": "brand-7"}, set()),
        ({"tenant": "brand-42", "region": "EU"}, {"read", "session", "bet", "settle"}),
        ({"region": "UK"}, set()),
        ({"header": {"x-trace-id": "tr_*"}}, {"read", "session", "bet", "settle"}),
        ({"header": {"X-Nobody": "*"}}, set()),
        ({"call": "wallet.*Bet"}, {"bet", "settle"}),
        ({"call": "*.authorizeBet", "player": "p_19f3"}, {"bet"}),
    ],
    ids=lambda value: " ".join(sorted(value)) if isinstance(value, set) else str(value),
)
async def test_at_says_whose_calls(at: dict[str, Any], hits: set[str]) -> None:
    """Tenant, brand, region, header, and the player: named by the call, or found by its session or
    bet (SBX-06)."""
    async with sandbox() as box:
        session = await box.session()
        assert (await box.authorize(session, "b_0", 1)).status == 200
        call = at.get("call", "wallet.*")
        await add(box, fault="wrong_content_type", at={**at, "call": call})
        body = {
            "player_id": "p_19f3",
            "game_id": "studio:slot_forge_02",
            "currency": "EUR",
            "locale": "de-DE",
        }
        found = {
            "read": await read(box),
            "session": struck(await box.call("POST", "/v1/sessions", body)),
            "bet": struck(await box.authorize(session, "b_1", 1)),
            "settle": struck(await box.settle("b_0", 0)),
        }
        assert {name for name, hit in found.items() if hit} == hits


async def test_coverage_says_what_fired_and_what_never_did() -> None:
    """Operation, fault and attempt: those that struck with their number, those that were asked for
    and never did with 0, also of rules that are gone; a reset begins anew (SBX-06)."""
    async with sandbox() as box:
        name = await add(box, fault="status", at="wallet.authorizeBet", attempts=[1, 2])
        await add(box, fault="latency", at="wallet.readBet", when={"probability": "1/1000"})
        session = await box.session()
        await box.authorize(session, "b_1", 1, key="k1")
        await box.authorize(session, "b_2", 1, key="k2")
        await box.admin("DELETE", f"{RULES}/{name}")
        wanted = {
            ("wallet.authorizeBet", "status", 1, 2),
            ("wallet.authorizeBet", "status", 2, 0),
            ("wallet.readBet", "latency", None, 0),
        }
        assert await table(box) == wanted
        assert (await box.admin("GET", "/chaos/coverage")).json["never"] == 2
        await box.admin("POST", "/reset")
        box.tokens.clear()
        assert await table(box) == set()
        assert (await box.admin("GET", RULES)).json["items"] == []
        assert not await read(box)


async def test_a_rule_is_one_sandbox_s_own() -> None:
    """The default world's chaos is not its neighbour's, and under one seed both draw the same for
    the same calls, whatever they are called (SBX-04, SBX-02)."""
    async with sandbox() as box:
        assert (await box.admin("POST", "/sandboxes", {"name": "ci-1"})).status == 201
        other = Sandbox(box.app, box.worlds, "ci-1")
        rule = {"fault": "wrong_content_type", "when": {"probability": "1/2"}}
        await add(box, **rule)
        assert not any([await read(other) for _ in range(10)])
        box.world.chaos.clear()
        await add(box, **rule, name="again")
        await add(other, **rule, name="again")
        ours = [await read(box) for _ in range(30)]
        assert ours == [await read(other) for _ in range(30)]
        assert len(set(ours)) == 2


async def test_whole_calls_draw_the_same_in_any_order() -> None:
    """D1 through the whole server: thirty calls in order, shuffled, and at once are struck by the
    same draws, waits included; another seed strikes others (SBX-02)."""

    async def run(order: list[int], seed: int = 7, *, together: bool = False) -> list[str]:
        async with sandbox(sleep=at_once, seed=seed) as box:
            await box.token("studio-demo")
            waits = {"distribution": "uniform", "ms": 1, "to_ms": 9_999}
            await add(box, fault="latency", when={"probability": "3/10"}, **{"with": waits})
            await add(box, fault="wrong_content_type", when={"probability": "1/3"})
            await read(box)  # its token, before they race for it
            box.world.chaos.coverage.rows()

            async def ask(n: int) -> Got:
                return await box.call("GET", f"/v1/players/p_{n}")

            if together:
                got = await asyncio.gather(*map(ask, order))
            else:
                got = [await ask(n) for n in order]
            found = {
                n: one.headers.get("x-chaos-injected", "")
                for n, one in zip(order, got, strict=True)
            }
            return [found[n] for n in sorted(found)]

    numbers = list(range(30))
    first = await run(numbers)
    shuffled = numbers.copy()
    Random(3).shuffle(shuffled)
    assert await run(shuffled) == first
    assert await run(shuffled, together=True) == first
    assert await run(numbers, seed=8) != first
    assert 1 < sum(map(bool, first)) < 30


async def test_the_header_repeats_its_fault_by_attempt() -> None:
    """`attempts=1` behind the fault: the first arrival of the key is struck, its repeat is not."""
    async with sandbox() as box:
        session = await box.session()
        header = {"X-Chaos": "status; status=500; attempts=1"}
        first = await box.authorize(session, "b_1", 1, key="k", headers=header)
        again = await box.authorize(session, "b_1", 1, key="k", headers=header)
        assert (first.status, again.status) == (500, 200)
        assert struck(first)
        assert not struck(again)


async def test_several_rules_nest_in_the_order_of_the_table() -> None:
    """Whatever order they were added in: the outer one first; what it keeps away is not struck."""
    for order in (("latency", "status", "lose_reply"), ("lose_reply", "status", "latency")):
        async with sandbox(sleep=at_once) as box:
            for fault in order:
                await add(box, fault=fault, at="wallet.readPlayer")
            got = await box.call("GET", "/v1/players/p_19f3")
            assert got.status == 503
            told = [part.partition(";")[0] for part in got.headers["x-chaos-injected"].split(", ")]
            assert told == ["latency", "status"]
            assert ("wallet.readPlayer", "lose_reply", None, 0) in await table(box)


async def test_the_journal_tells_of_every_injection() -> None:
    """Also of a call that got no answer (SBX-06, SBX-10)."""
    async with sandbox() as box:
        await box.token("studio-demo")
        await read(box)
        await add(box, name="gone", fault="lose_reply", at="wallet.readPlayer")
        lost = InProcessTransport(box.app)
        headers = {"Authorization": f"Bearer {box.tokens['studio-demo']}", **BRAND_42}
        call = Call(method="GET", target="/v1/players/p_19f3", headers=headers)
        with pytest.raises(ReplyLost):
            await lost.send(call)
        await box.admin("DELETE", RULES)
        await add(box, name="never", fault="reset", at="wallet.readPlayer")
        with pytest.raises(ReplyLost):
            await lost.send(call)
        await lost.close()
        entry, other = (await box.admin("GET", "/journal?injected=true")).json["items"]
        assert other["operation"] == "readPlayer"
        assert other["injected"] == ["reset;rule=never;attempt=2"]
        assert entry["operation"] == "readPlayer"
        assert entry["injected"] == ["lose_reply;rule=gone;attempt=1"]
        assert "answer" not in entry


async def test_held_calls_go_on_with_the_clock_in_their_order() -> None:
    """In virtual time a latency of a minute takes no real time: an advance lets each call go on at
    its own time, the earlier one first, and its answer says so (SBX-03)."""
    async with sandbox(sleep=None, virtual_time=True) as box:
        await box.call("GET", "/v1/players/p_19f3")
        ended: list[str] = []

        async def ask(wait_ms: int) -> Got:
            header = {"X-Chaos": f"latency; ms={wait_ms}"}
            got = await box.call("GET", f"/v1/players/p_{wait_ms}", headers=header)
            ended.append(got.headers["date"])
            return got

        held = [asyncio.ensure_future(ask(ms)) for ms in (60_000, 30_000)]
        for _ in range(50):
            await asyncio.sleep(0)
        assert not ended
        moved = await box.admin("POST", "/clock/advance", {"by_ms": 90_000})
        assert moved.status == 200
        await asyncio.gather(*held)
        assert ended == ["Thu, 01 Jan 2026 00:00:30 GMT", "Thu, 01 Jan 2026 00:01:00 GMT"]


async def test_a_copy_of_a_world_s_chaos_goes_on_where_it_stood() -> None:
    """Rules, attempts, counts and coverage are the same in both; what happens to one afterwards is
    not the other's affair (SBX-04)."""
    async with sandbox() as box:
        assert (await box.admin("POST", "/sandboxes", {"name": "fork"})).status == 201
        fork = Sandbox(box.app, box.worlds, "fork")
        at = "wallet.readPlayer"
        await add(box, name="second", fault="wrong_content_type", at=at, attempts=[2])
        await add(box, name="third", fault="malformed_body", at=at, calls=[3])
        assert not await read(box)
        fork.world.chaos.adopt(box.world.chaos)
        assert await table(fork) == await table(box)
        for world in (box, fork):
            got = await world.call("GET", "/v1/players/p_19f3")
            assert "wrong_content_type;rule=second;attempt=2" in got.headers["x-chaos-injected"]
        assert await read(fork)
        await box.admin("DELETE", RULES)
        assert not await read(box)
        assert fork.world.chaos.active


# Signed calls -------------------------------------------------------------------------------------


async def signed(box: Sandbox, path: str, body: Any, key: str, algorithm: str) -> Reply:
    """One call, signed by a client of our own making."""
    raw, now = encode(body), iso(box.world.clock.now_ns())
    nonce = f"nonce-{key}"
    text = signing.string_to_sign(now, nonce, "POST", path, raw)
    signature = signing.sign_hmac(b"studio-demo-key", text)
    if algorithm == signing.ED25519:
        signature = signing.sign_ed25519(signing.demo_ed25519_key("studio-demo-key"), text)
    headers = {
        **BRAND_42,
        "Content-Type": "application/json",
        "X-Trace-Id": "tr_signed",
        "X-Idempotency-Key": key,
        "X-Client-Id": "studio-demo",
        "X-Timestamp": now,
        "X-Nonce": nonce,
        "X-Signature": signature,
        "X-Signature-Algorithm": algorithm,
    }
    wire = InProcessTransport(box.app)
    try:
        return await wire.send(Call(method="POST", target=path, headers=headers, body=raw))
    finally:
        await wire.close()


@pytest.mark.parametrize("algorithm", signing.ALGORITHMS)
async def test_a_duplicate_is_signed_anew_unless_it_is_to_be_the_same_bytes(algorithm: str) -> None:
    """Signed anew it meets idempotency: the same answer twice. The same bytes meet the nonce check:
    401, no effect. Money moves once either way (SBX-05, WAL-71)."""
    async with sandbox() as box:
        session = await box.session()
        for n, (resign, statuses) in enumerate(((True, "200+200"), (False, "200+401"))):
            name = await add(
                box, fault="duplicate", at="wallet.authorizeBet", **{"with": {"resign": resign}}
            )
            amount = {"amount": 1, "currency": "EUR"}
            bet = {"session_id": session, "bet_id": f"b_{n}", "round_id": "r", "amount": amount}
            got = await signed(box, "/v1/bets/authorize", bet, f"key-{n}", algorithm)
            assert got.status == 200
            assert f"statuses={statuses}" in got.headers["x-chaos-injected"]
            await box.admin("DELETE", f"{RULES}/{name}")
        assert (await box.balance())[1] == 2
        await box.require_sound()


@pytest.mark.parametrize("algorithm", signing.ALGORITHMS)
@pytest.mark.parametrize(
    ("fault", "how", "status", "reason"),
    [
        ("corrupt_signature", {}, 401, None),
        ("clock_skew", {"by_ms": 299_000}, 200, None),
        ("clock_skew", {"by_ms": 301_000}, 401, "timestamp"),
        ("clock_skew", {"by_ms": -301_000}, 401, "timestamp"),
    ],
)
async def test_a_spoilt_proof_is_refused_and_nothing_happens(
    fault: str, how: dict[str, Any], status: int, reason: str | None, algorithm: str
) -> None:
    """A wrong digit, or a clock that is more than five minutes off: 401 by the door; one
    that is less off passes (WAL-70, WAL-71)."""
    async with sandbox() as box:
        session = await box.session()
        await add(box, fault=fault, at="wallet.authorizeBet", **{"with": how})
        amount = {"amount": 1, "currency": "EUR"}
        bet = {"session_id": session, "bet_id": "b_1", "round_id": "r", "amount": amount}
        got = await signed(box, "/v1/bets/authorize", bet, "key-1", algorithm)
        assert got.status == status, got.body
        if reason is not None:
            assert f'"reason":"{reason}"'.encode() in got.body
        assert (await box.balance())[1] == (1 if status == 200 else 0)


async def test_where_chaos_is_off_it_is_refused_and_nothing_is_done() -> None:
    """A staging server takes no rule and no `X-Chaos`, says so, and does not process the call; what
    asks for no chaos goes on as ever (SBX-17)."""
    async with sandbox(chaos=False) as box:
        got = await box.admin("POST", RULES, {"fault": "status", "at": "wallet.*"})
        assert (got.status, got.code) == (409, "INVALID_STATE")
        assert got.json["details"] == {"reason": "chaos_off"}
        session = await box.session()
        before = await box.balance()
        asked = {"X-Chaos": "latency; ms=1"}
        got = await box.authorize(session, "b1", 1, headers=asked)
        assert (got.status, got.json["details"]["reason"]) == (409, "chaos_off")
        assert await box.balance() == before
        assert (await box.authorize(session, "b1", 1)).status == 200
        assert (await box.admin("GET", RULES)).json["items"] == []
