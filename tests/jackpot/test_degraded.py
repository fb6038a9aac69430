"""Degradation: while something is out of order a pool holds back or refuses, says so, and has lost
nothing when it is over."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from simulator.jackpot.terms import Degrade, Falls
from simulator.wire.calls import Call, Reply
from tests.jackpot.tools import ELSEWHERE, NETWORK, Hall, hall, one_in, pool, within
from tests.play.tools import Send
from tests.server.tools import require_problem
from tests.support import sandbox

PAUSE, REFUSE = Degrade(then="pause_triggers"), Degrade(then="refuse_contributions")


@pytest.fixture
async def house() -> AsyncIterator[Hall]:
    async with hall() as found:
        await found.open(pool("called"))
        yield found


@contextmanager
def wallet_away(house: Hall) -> Iterator[asyncio.Event]:
    """The wallet answers nobody until the event is set; it has done what it was asked."""
    back = asyncio.Event()

    async def away(send: Send, call: Call) -> Reply:
        await back.wait()
        reply: Reply = await send(call)
        return reply

    house.meddle(dict.fromkeys(range(10), away))
    yield back
    assert back.is_set()


async def stuck(house: Hall) -> None:
    """A payout that waits for a minute and more already."""
    await house.contribute("called", name="stuck")
    assert (await house.trigger("stuck", "called")).status == 201
    while not house.asked:
        await asyncio.sleep(0)
    await house.later(61_000)


async def health(house: Hall, **how: Any) -> Any:
    return (await house.call("GET", "/health", **how)).json


async def test_a_wallet_that_is_away_holds_triggers_back(house: Hall) -> None:
    """Contributions are taken, what would fall is held and told so in the answer, in the pool and
    in health; when the wallet is back it falls on those very bets, in their order, each is paid
    once, and the pool law is exact (JP-80, WAL-91, WAL-97)."""
    await house.open(pool("sure", trigger=one_in(1), degrade=PAUSE))
    assert (await health(house))["status"] == "ok"
    with wallet_away(house) as back:
        await stuck(house)
        for name in ("a", "b"):
            got = await house.contribute("sure", name=name)
            assert got.status == 201, got.body
            assert (got.json["held"], got.json["degraded"]) == (True, "wallet_offline")
            assert "fell" not in got.json
        assert (await house.call("GET", "/pools/sure")).json["degraded"] == "wallet_offline"
        told = await health(house)
        assert (told["status"], told["held"], told["under_way"]) == ("degraded", 2, 1)
        assert [one["what"] for one in told["conditions"]] == ["wallet_offline"]
        shown = {"pool_id": "sure", "then": "pause_triggers", "why": "wallet_offline"}
        assert shown in told["pools"]
        assert house.rows("SELECT count(*) FROM jp_trigger WHERE pool_id = 'sure'") == [(0,)]
        back.set()
    await house.settled()
    hits = house.rows("SELECT hit, round_id, amount FROM jp_trigger WHERE pool_id = 'sure'")
    assert hits == [(1, "r-a", 1004), (2, "r-b", 1000)]
    told = await health(house)
    assert (told["status"], told["held"], told["pools"]) == ("ok", 0, [])
    assert "degraded" not in (await house.call("GET", "/pools/sure")).json
    assert (await house.contribute("sure", name="c")).json["fell"]["amount"]["amount"] == Decimal(
        "10.02"
    )
    await house.require_agreement()


async def test_or_contributions_are_refused(house: Hall) -> None:
    """With 503 and when to come again, which is no answer for good: the same call under the same
    key succeeds afterwards, so who repeats it loses nothing (JP-80, PRV-30)."""
    await house.open(pool("strict", degrade=REFUSE))
    with wallet_away(house) as back:
        await stuck(house)
        got = await house.contribute("strict", name="a")
        require_problem(got, 503, "UNAVAILABLE")
        assert got.json["details"]["reason"] == "wallet_offline"
        assert got.headers["retry-after"] == "5"
        assert await house.size("strict") == 10
        assert (await house.contribute(name="other")).status == 201  # a pool without such terms
        back.set()
    await house.settled()
    got = await house.contribute("strict", name="a")
    assert (got.status, got.replayed) == (201, False)
    await house.require_agreement()


async def test_a_call_to_trigger_comes_again(house: Hall) -> None:
    """Who draws for itself is told 503 and repeats it; the obligation then exists once (JP-80)."""
    await house.open(pool("own", degrade=PAUSE))
    await house.contribute("own", name="a")
    with wallet_away(house) as back:
        await stuck(house)
        require_problem(await house.trigger("a", "own", key="k"), 503, "UNAVAILABLE")
        back.set()
    await house.settled()
    assert (await house.trigger("a", "own", key="k")).status == 201
    assert (await house.trigger("a", "own", key="k")).replayed
    await house.require_agreement()


async def test_a_hidden_point_is_held_for_who_has_reached_it(house: Hall) -> None:
    """Once: whoever contributes after it has not reached it, before and after the catching up
    (WAL-93, WAL-94, JP-80)."""
    more: dict[str, Any] = {
        "cap": Decimal("10.05"),
        "trigger": within("10.01", "10.05"),
        "degrade": PAUSE,
    }
    await house.open(pool("drop", **more))
    with wallet_away(house) as back:
        await stuck(house)
        held = [(await house.contribute("drop", 5, name=f"n{n}")).json for n in range(3)]
        first = next(n for n, got in enumerate(held) if got.get("held"))
        assert [bool(got.get("held")) for got in held] == [n == first for n in range(3)]
        back.set()
    await house.settled()
    hits = house.rows("SELECT round_id FROM jp_trigger WHERE pool_id = 'drop'")
    assert hits == [(f"r-n{first}",)]
    await house.require_agreement()


async def test_a_deadline_waits(house: Hall) -> None:
    """A timed pool is not drawn while the wallet is away; once it is back the draw is made up for
    (JP-31, JP-80)."""
    falls = Falls(by="time", earliest_s=100, latest_s=200)
    await house.open(pool("timed", kind="timed", trigger=falls, degrade=PAUSE))
    await house.contribute("timed", name="t")
    hits = "SELECT round_id FROM jp_trigger WHERE pool_id = 'timed'"
    with wallet_away(house) as back:
        await stuck(house)
        await house.later(300_000)
        assert house.rows(hits) == []
        back.set()
    await house.settled()
    await house.later(1_000)
    await house.settled()
    assert house.rows(hits) == [("r-t",)]
    await house.require_agreement()


async def test_what_is_reversed_or_paused_meanwhile(house: Hall) -> None:
    """A held fall whose bet is rolled back wins nothing; one of a paused pool waits until it is
    resumed (WAL-95, WAL-96, JP-80)."""
    for name in ("gone", "paused"):
        await house.open(pool(name, trigger=one_in(1), degrade=PAUSE))
    with wallet_away(house) as back:
        await stuck(house)
        await house.contribute("gone", name="g")
        await house.contribute("paused", name="p")
        await house.reverse("g")
        await house.switch("pause", "paused")
        back.set()
    await house.settled()
    text = "SELECT round_id FROM jp_trigger WHERE pool_id IN ('gone', 'paused')"
    assert house.rows(text) == []
    assert (await health(house))["held"] == 1
    await house.switch("resume", "paused", "c-2")
    await house.settled()
    assert house.rows(text) == [("r-p",)]
    await house.require_agreement()


async def test_a_clock_that_is_off(house: Hall) -> None:
    """A wallet whose `Date` is ten minutes off: triggers pause for a minute after it was seen, and
    what was held falls by itself when nobody has seen it since (JP-80)."""
    await house.open(pool("sure", trigger=one_in(1), degrade=PAUSE))
    rule = {"name": "skew", "at": "wallet.creditPlayer", "fault": "clock_skew"}
    assert (await house.box.admin("POST", "/chaos/rules", rule)).status == 201
    await house.contribute("called", name="x")
    await house.trigger("x", "called")
    await house.settled()
    await house.box.admin("DELETE", "/chaos/rules/skew")
    got = await house.contribute("sure", name="a")
    assert (got.json.get("held"), got.json.get("degraded")) == (True, "clock_out_of_step")
    assert [one["what"] for one in (await health(house))["conditions"]] == ["clock_out_of_step"]
    await house.later(61_000)
    await house.settled()
    assert house.rows("SELECT round_id FROM jp_trigger WHERE pool_id = 'sure'") == [("r-a",)]
    assert (await health(house))["status"] == "ok"
    await house.require_agreement()


async def test_a_clock_that_is_right_is_no_trouble(house: Hall) -> None:
    """The control: the same without the fault falls at once."""
    await house.open(pool("sure", trigger=one_in(1), degrade=PAUSE))
    await house.contribute("called", name="x")
    await house.trigger("x", "called")
    await house.settled()
    assert "fell" in (await house.contribute("sure", name="a")).json
    await house.require_agreement()


async def test_a_studio_that_does_not_answer(house: Hall) -> None:
    """A look at its feed that waits for too long is a condition as well (JP-10, JP-80)."""
    await house.open(pool("sure", trigger=one_in(1), degrade=PAUSE))
    wire = house.box.world.parties["jackpot"].courier._outgoing
    real, back = wire.send, asyncio.Event()

    async def send(call: Call) -> Reply:
        if "/events" in call.target:
            await back.wait()
        return await real(call)

    wire.send = send  # type: ignore[method-assign]
    looking = asyncio.create_task(house.call("POST", "/feeds/rgs/follow", {}))
    while not house.rows("SELECT 1 FROM jp_feed"):
        await asyncio.sleep(0)
    await house.later(61_000)
    got = await house.contribute("sure", name="a")
    assert (got.json.get("held"), got.json.get("degraded")) == (True, "rgs_offline")
    back.set()
    assert (await looking).status == 200
    await house.settled()
    assert house.rows("SELECT round_id FROM jp_trigger WHERE pool_id = 'sure'") == [("r-a",)]
    await house.require_agreement()


async def test_a_region_that_is_down_stops_its_own_alone(house: Hall) -> None:
    """A network pool goes on for the other region's players while one region's wallet is away
    (JP-60, JP-61, JP-80)."""
    more: dict[str, Any] = {"trigger": one_in(1), "degrade": PAUSE}
    await house.open(pool("net", scope="network", members=list(NETWORK), **more))
    with wallet_away(house) as back:
        await stuck(house)
        here = await house.contribute("net", name="here")
        there = await house.contribute("net", name="there", headers=ELSEWHERE, player_id="p_uk")
        assert here.json["held"] is True
        assert "fell" in there.json
        assert (await health(house, headers=ELSEWHERE))["conditions"] == []
        back.set()
    await house.settled()
    assert house.rows("SELECT round_id FROM jp_trigger WHERE pool_id = 'net'") == [
        ("r-there",),
        ("r-here",),
    ]
    await house.require_agreement()


@pytest.mark.parametrize(
    "rule",
    [
        {"at": "wallet.*", "fault": "blackout", "with": {"shows": "status"}},
        {"at": "wallet.*", "fault": "blackout", "with": {"shows": "reset"}},
        {"at": "wallet.creditPlayer", "fault": "lose_reply"},
    ],
    ids=["503", "reset", "lost answers"],
)
async def test_a_blackout_of_the_wallet(rule: dict[str, Any]) -> None:
    """For two minutes of the world's time no payout is answered: what falls is held, contributions
    are taken, the outbox keeps what was begun, and after it all of it is paid, once (JP-80)."""
    async with sandbox(virtual_time=True, token_ttl_s=86_400) as box:
        house = Hall(box)
        await house.open(pool("called"))
        await house.open(pool("sure", trigger=one_in(1), degrade=PAUSE))
        await house.contribute("called", name="x")  # with a token from before
        assert (await box.admin("POST", "/chaos/rules", {"name": "down", **rule})).status == 201

        async def pass_by(seconds: int) -> None:
            """Time passes, and whoever it has woken does what there is to do."""
            await box.admin("POST", "/clock/advance", {"by_ms": 1000 * seconds})
            for _ in range(200):
                await asyncio.sleep(0)

        assert (await house.trigger("x", "called")).status == 201
        for n in range(4):
            await pass_by(30)
            await house.contribute("sure", name=f"n{n}")
        assert (await health(house))["held"] == 2  # the first minute is nobody's business yet
        assert house.rows("SELECT count(*) FROM task WHERE state = 'pending'") != [(0,)]
        await box.admin("DELETE", "/chaos/rules/down")
        for _ in range(10):
            await pass_by(60)
        assert house.rows("SELECT count(*) FROM task WHERE state = 'pending'") == [(0,)]
        hits = house.rows("SELECT round_id FROM jp_trigger WHERE pool_id = 'sure'")
        assert hits == [(f"r-n{n}",) for n in range(4)]
        assert (await health(house))["status"] == "ok"
        await house.require_agreement()
