"""What chaos draws depends on seed, rule, call and attempt, and on nothing else (SBX-02, D1)."""

import asyncio
import base64
import json
import math
from collections.abc import Coroutine
from contextlib import suppress
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from simulator.base.clock import SimClock
from simulator.base.rng import Rng
from simulator.chaos import distribution as draw
from simulator.chaos.at import Arrival
from simulator.chaos.chaos import Chaos
from simulator.chaos.draws import KEYS, Arrivals, claimed_client, read_body, stable_key
from simulator.chaos.fault import Place
from simulator.chaos.seam import NoReply, Side
from simulator.wire.calls import Call, Reply

PLACE = Place("incoming", "wallet", "authorizeBet", writes=True)


async def no_sleep(_: int) -> None:
    return


def world(seed: int = 7) -> Chaos:
    return Chaos([PLACE], SimClock(), lambda: Rng(seed), no_sleep)


def arrival(key: str) -> Arrival:
    call = Call(method="POST", target="/v1/x", headers={"X-Idempotency-Key": key})
    return Arrival(PLACE, call, stable_key("wallet", "authorizeBet", call, None))


class Door:
    """A host that waits for nothing."""

    side: Side = "incoming"

    async def wait_ns(self, pause_ns: int, /) -> None: ...

    def behind(self, work: Coroutine[Any, Any, None], /) -> None: ...

    def resign(self, call: Call, shift_ns: int = 0) -> Call:
        return call

    def let_pass(self, call: Call, /) -> None: ...


async def struck(chaos: Chaos, key: str) -> tuple[str, ...]:
    """What strikes one arrival of a key."""
    passage = chaos.meet(arrival(key))
    with suppress(NoReply):
        await passage.run(Door(), answer)
    return tuple(one.shown() for one in passage.injections)


async def answer(_: Call) -> Reply:
    await asyncio.sleep(0)
    return Reply(status=200)


def rule(**more: object) -> dict[str, object]:
    waits = {"distribution": "uniform", "ms": 1, "to_ms": 1000}
    return {"fault": "latency", "when": {"probability": "3/10"}, "with": waits, **more}


async def run(seed: int, order: list[str], *, at_once: bool = False) -> dict[str, list[object]]:
    """Every key's strikes, attempt by attempt."""
    chaos = world(seed)
    chaos.add(rule())
    found: dict[str, list[object]] = {}
    if at_once:
        for key, said in zip(
            order, await asyncio.gather(*(struck(chaos, k) for k in order)), strict=True
        ):
            found.setdefault(key, []).append(said)
    else:
        for key in order:
            found.setdefault(key, []).append(await struck(chaos, key))
    return found


async def test_draws_do_not_depend_on_order_or_concurrency() -> None:
    """D1: shuffled or all at once, each attempt of each key meets the same (SBX-02). Control:
    another seed gives others."""
    order = [f"k{n}" for n in range(60)] * 3
    first = await run(7, order)
    for seed in (1, 2):
        shuffled = order.copy()
        Random(seed).shuffle(shuffled)
        assert await run(7, shuffled) == first
    assert await run(7, order, at_once=True) == first
    assert await run(8, order) != first


async def test_a_chance_varies_from_call_to_call_and_attempt_to_attempt() -> None:
    """p = 3/10 strikes about 3 in 10 of the calls, and of the attempts of one call (SBX-06)."""
    found = await run(7, [f"k{n}" for n in range(400)] + ["same"] * 400)
    calls = [bool(strikes[0]) for key, strikes in found.items() if key != "same"]
    attempts = [bool(strike) for strike in found["same"]]
    for hits in (sum(calls), sum(attempts)):
        assert 80 < hits < 160  # 120 ± 4 standard deviations of 9.2
    waits = {str(strike) for strike in found["same"] if strike}
    assert len(waits) > 60  # and each draws a wait of its own


async def test_two_rules_draw_apart_and_their_order_changes_nothing() -> None:
    """A rule is known by its content or name, never by its position."""
    one, two = rule(), rule(fault="latency", name="second")
    seen = []
    for rules in ((one, two), (two, one)):
        chaos = world()
        for given in rules:
            chaos.add(given)
        seen.append([await struck(chaos, f"k{n}") for n in range(80)])
    assert seen[0] == seen[1]
    assert {len(strikes) for strikes in seen[0]} == {0, 1, 2}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"attempts": [1]}, [1]),
        ({"attempts": [2, 4]}, [2, 4]),
        ({"calls": [3]}, [3]),
        ({"every": 2}, [2, 4, 6]),
        ({"skip": 4}, [5, 6]),
        ({"skip": 1, "every": 2}, [3, 5]),
        ({"count": 2}, [1, 2]),
        ({"skip": 1, "count": 1}, [2]),
        ({"probability": 1}, [1, 2, 3, 4, 5, 6]),
    ],
    ids=str,
)
async def test_when_says_which_calls(when: dict[str, object], expected: list[int]) -> None:
    """Of six attempts of one call, exactly those that the conditions name (SBX-06)."""
    chaos = world()
    chaos.add({"fault": "reset", "when": when})
    hit = [n for n in range(1, 7) if await struck(chaos, "k")]
    assert hit == expected


async def test_attempts_count_per_key_and_calls_by_arrival() -> None:
    """`attempts: [1]` strikes every key's first arrival, `calls: [1]` the first of all."""
    for short, expected in (("attempts", ["a", "b"]), ("calls", ["a"])):
        chaos = world()
        chaos.add({"fault": "reset", short: [1]})
        assert [key for key in ("a", "b", "a", "b") if await struck(chaos, key)] == expected


async def test_windows_pauses_and_time_to_live() -> None:
    """A rule strikes inside its window of the world's time only, not while it is paused, and is
    gone after its time to live (SBX-06)."""
    clock = SimClock()
    chaos = Chaos([PLACE], clock, lambda: Rng(7), no_sleep)
    window = {"from_ms": 1_000, "until_ms": 3_000}
    chaos.add({"name": "w", "fault": "reset", "when": {"window": window}, "ttl_s": 5})
    hits = []
    for n in range(6):
        chaos.pause("w", paused=False)
        hits.append(bool(await struck(chaos, f"k{n}")))
        chaos.pause("w", paused=True)
        assert not await struck(chaos, f"p{n}")
        clock.advance(999_000_000)
    assert hits == [False, False, True, True, False, False]
    clock.advance(1_000_000_000)
    assert (chaos.all(), chaos.active) == ([], False)


def test_the_stable_key_is_of_what_is_asked() -> None:
    """K is the same under another trace id, token, nonce, timestamp and signature, and for a body
    or query written otherwise; another question, brand or client has another K (architecture)."""

    def key(
        target: str = "/v1/x?b=2&a=1", body: str = '{"a": 2.0, "b": [1]}', **headers: str
    ) -> bytes:
        sent = {"X-Client-Id": "studio", "X-Brand-Id": "brand-42", **headers}
        named = {name.replace("_", "-"): value for name, value in sent.items()}
        call = Call(method="POST", target=target, headers=named, body=body.encode())
        return stable_key("wallet", "op", call, read_body(call))

    same = key()
    assert key(X_Trace_Id="tr_2", X_Nonce="n", X_Timestamp="5", X_Signature="s") == same
    assert key(target="/v1/x?a=1&b=2", body='{"b":[1],"a":2}') == same
    others = [
        key(target="/v1/y?b=2&a=1"),
        key(target="/v1/x?b=2&a=2"),
        key(body='{"a": 3}'),
        key(**{"X-Brand-Id": "brand-7"}),
        key(**{"X-Client-Id": "other"}),
        key(X_Idempotency_Key="k"),
    ]
    assert len({same, *others}) == 7
    # With a key, the key is what counts.
    assert key(X_Idempotency_Key="k", body='{"a": 3}') == others[-1]


def test_a_client_is_named_by_its_token_unchecked() -> None:
    """Two tokens of one client are one client; what cannot be read is nobody."""

    def token(**claims: object) -> str:
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        return f"Bearer x.{body}.y"

    def who(proof: str) -> str:
        return claimed_client(Call(method="GET", target="/", headers={"Authorization": proof}))

    assert who(token(sub="studio", jti="1")) == who(token(sub="studio", jti="2")) == "studio"
    assert who("Basic " + base64.b64encode(b"studio:secret").decode()) == "studio"
    for odd in ("Bearer x", "Bearer a.!!.c", "Basic =", "Bearer x.e30.y", ""):
        assert who(odd) == ""


def test_attempts_are_remembered_within_bounds() -> None:
    """The keys seen longest ago begin again; what is asked about again stays (bounded memory)."""
    arrivals = Arrivals()
    assert arrivals.count(b"old") == 1
    for n in range(KEYS - 1):
        arrivals.count(n.to_bytes(4, "big"))
    assert arrivals.count(b"old") == 2
    arrivals.count(b"one more")
    assert arrivals.count((0).to_bytes(4, "big")) == 1
    assert len(arrivals.seen) == KEYS


# Distributions ------------------------------------------------------------------------------------


def drawn(kind: str, *values: int, n: int = 3_000) -> list[int]:
    rng = Rng(11)
    make = getattr(draw, kind)
    return sorted(
        make(lambda bound, name, k=k: rng.below(bound, kind, k, name), *values) for k in range(n)
    )


def share(values: list[int], below: int) -> Fraction:
    return Fraction(sum(value < below for value in values), len(values))


def near(found: Fraction, wanted: Fraction) -> bool:
    """Within four standard deviations of 3 000 draws, at most 0.037."""
    return abs(found - wanted) < Fraction(37, 1000)


def test_waits_have_the_distribution_they_say() -> None:
    """Quantiles of each distribution are where its definition puts them."""
    uniform = drawn("uniform", 100, 199)
    assert (uniform[0], uniform[-1]) == (100, 199)
    assert near(share(uniform, 150), Fraction(1, 2))
    normal = drawn("normal", 1_000, 100)
    assert near(share(normal, 1_000), Fraction(1, 2))
    assert near(share(normal, 1_100), Fraction(8413, 10_000))
    assert near(share(normal, 804), Fraction(25, 1_000))
    log_normal = drawn("log_normal", 100, 300)
    assert near(share(log_normal, 100), Fraction(1, 2))
    assert near(share(log_normal, 300), Fraction(95, 100))
    pareto = drawn("pareto", 100, 150)
    assert pareto[0] >= 100
    assert near(share(pareto, 400), 1 - Fraction(1, 8))  # (100/400)^1.5


def test_waits_are_the_same_everywhere() -> None:
    """Golden numbers: a correctly rounded decimal does not depend on the machine's libm (D3)."""
    rng = Rng(42)

    def below(bound: int, name: str) -> int:
        return rng.below(bound, "golden", name)

    found = [
        draw.uniform(below, 0, 1_000_000),
        draw.normal(below, 1_000_000, 250_000),
        draw.log_normal(below, 1_000_000, 9_000_000),
        draw.pareto(below, 1_000_000, 110),
    ]
    assert found == GOLDEN
    # The same by floats, from the same draws, is next to it.
    steps = 2**64
    u, v, s, tries = 0.0, 0.0, 0.0, 0
    while not 0 < s < 1:
        u = (2 * below(steps, f"u{tries}") + 1) / steps - 1
        v = (2 * below(steps, f"v{tries}") + 1) / steps - 1
        s, tries = u * u + v * v, tries + 1
    z = u * math.sqrt(-2 * math.log(s) / s)
    sigma = math.log(9) / 1.6448536269514722
    tail = ((below(steps, "pareto") + 1) / steps) ** (-1 / 1.1)
    floats = [1_000_000 + 250_000 * z, 1_000_000 * math.exp(sigma * z), 1_000_000 * tail]
    assert all(abs(a - b) <= 1 for a, b in zip(found[1:], floats, strict=True))


GOLDEN = [648311, 642838, 148315, 1023901]
