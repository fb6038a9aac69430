"""Events (JP-01): pools that are open at times, and are drawn when each time is over."""

import asyncio
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from simulator.base.clock import NS_PER_S, iso, parse_iso
from simulator.jackpot.maths import law
from simulator.jackpot.terms import Falls, Rate, Terms, wrong_with
from simulator.server import watch
from simulator.settings import ClockSetting
from tests.jackpot.tools import ELSEWHERE, NETWORK, Hall, hall, pool

HOUR = 3_600_000
START = parse_iso("2026-01-01T00:00:00Z")


def event(
    starts_s: int = 3_600, open_s: int = 600, every_s: int | None = 3_600, **more: Any
) -> Terms:
    """Ten minutes of each hour, from one hour after the world has begun."""
    falls = Falls(
        by="schedule", starts_at=iso(START + starts_s * NS_PER_S), open_s=open_s, every_s=every_s
    )
    return pool("happy", kind="event", trigger=falls, **more)


async def shown(house: Hall) -> Any:
    """The pool, as it is shown."""
    return (await house.call("GET", "/pools/happy")).json


async def require_refused(house: Hall, reason: str) -> None:
    """A contribution is refused with this reason, and leaves nothing."""
    got = await house.contribute("happy")
    assert (got.status, got.code) == (409, "INVALID_STATE")
    assert got.json["details"]["reason"] == reason


async def test_an_event_takes_part_only_while_it_is_on() -> None:
    """Refused before it opens, with when it does; taken while it is on; drawn at its end among
    those who took part; closed until the next one, which has a winner of its own."""
    async with hall() as house:
        await house.open(event())
        told = await shown(house)
        assert (told["kind"], told["trigger"]) == ("event", "schedule")
        assert told["opens_at"] == "2026-01-01T01:00:00.000Z"
        assert told["deadline_at"] == told["eta_at"] == "2026-01-01T01:10:00.000Z"
        await require_refused(house, "closed")
        for hour, player in ((1, "p_19f3"), (2, "p_poor")):
            await house.later(START // 1_000_000 + hour * HOUR - now_ms(house))
            for n in range(3):
                got = await house.contribute("happy", name=f"{hour}-{n}", player_id=player)
                assert (got.status, "fell" in got.json) == (201, False)
            await house.later(599_000)
            assert not await falls(house, hour)
            await house.later(1_000)
            (fell,) = await falls(house, hour)
            assert (fell["reason"], fell["hit"]) == ("deadline", hour)
            assert fell["selection"]["player_id"] == player
            assert fell["amount"]["amount"] == Decimal("10.06")
            assert fell["triggered_at"] == f"2026-01-01T0{hour}:10:00.000Z"
            await require_refused(house, "closed")
        assert (await shown(house))["opens_at"] == "2026-01-01T03:00:00.000Z"
        await house.require_agreement()


async def judged(house: Hall, bet: str) -> Any:
    """What is said of a bet before it is placed."""
    body = {
        "tenant_id": "brand-42",
        "pool_id": "happy",
        "bet_id": bet,
        "round_id": f"r-{bet}",
        "player_id": "p_19f3",
        "stake": {"amount": 2, "currency": "EUR"},
        "build_hash": f"sha256:{'5f' * 32}",
    }
    got = await house.call("POST", "/candidates", body)
    assert got.status == 200, got.body
    return got.json


async def test_a_candidate_is_told_that_an_event_is_not_on() -> None:
    """Eligible is who may take part now: not before an event opens, nor when the last one is over
    (JP-01, JP-11)."""
    async with hall() as house:
        await house.open(event(every_s=None))
        told = await judged(house, "early")
        assert (told["eligible"], told["rules"]) == (False, ["closed"])
        assert "odds" not in told
        await house.later(HOUR)
        told = await judged(house, "on")
        assert (told["eligible"], told["rules"][:2]) == (True, ["member", "by_schedule"])
        await house.later(600_000)
        told = await judged(house, "late")
        assert (told["eligible"], told["rules"]) == (False, ["over"])


def now_ms(house: Hall) -> int:
    """The world's time."""
    return house.box.world.clock.now_ns() // 1_000_000


async def falls(house: Hall, hit: int) -> list[Any]:
    """What has fallen with this number."""
    items = (await house.call("GET", "/triggers?pool_id=happy")).json["items"]
    return [one for one in items if one["hit"] == hit]


async def test_an_event_that_nobody_came_to_is_no_fall() -> None:
    """Its seed stays for the next one."""
    async with hall() as house:
        await house.open(event())
        await house.later(3 * HOUR)
        assert (await house.call("GET", "/triggers?pool_id=happy")).json["items"] == []
        told = await shown(house)
        assert (told["size"]["amount"], told["hits"]) == (Decimal("10.00"), 0)
        assert told["opens_at"] == "2026-01-01T03:00:00.000Z"
        assert (await house.contribute("happy")).status == 201
        await house.later(600_000)
        assert len(await falls(house, 1)) == 1
        await house.require_agreement()


async def test_a_single_event_is_over_after_its_draw() -> None:
    """Without `every_s` there is one; what comes later is refused for good."""
    async with hall() as house:
        await house.open(event(every_s=None))
        await house.later(HOUR)
        assert (await house.contribute("happy", name="a")).status == 201
        await house.later(600_000)
        assert len(await falls(house, 1)) == 1
        await require_refused(house, "over")
        told = await shown(house)
        assert not {"opens_at", "deadline_at", "eta_at"} & set(told)
        await house.later(24 * HOUR)
        await require_refused(house, "over")


async def test_what_was_reversed_is_not_drawn() -> None:
    """Where every part was taken back there is no winner, and the pool goes on to the next one."""
    async with hall() as house:
        await house.open(event())
        await house.later(HOUR)
        await house.contribute("happy", name="a")
        await house.reverse("a")
        await house.later(600_000)
        assert await falls(house, 1) == []
        told = await shown(house)
        assert told["opens_at"] == "2026-01-01T02:00:00.000Z"
        await house.require_agreement()


async def test_an_event_of_a_network_is_drawn_in_the_winners_region() -> None:
    """Whose ticket it is, is paid by their own wallet (JP-61)."""
    async with hall() as house:
        await house.open(event(scope="network", members=list(NETWORK)))
        await house.later(HOUR)
        await house.contribute("happy", name="a", player_id="p_uk", headers=ELSEWHERE)
        await house.later(600_000)
        assert await falls(house, 1) == []
        got = await house.call("GET", "/triggers?pool_id=happy", headers=ELSEWHERE)
        (fell,) = got.json["items"]
        assert fell["selection"]["player_id"] == "p_uk"


async def test_another_schedule_counts_from_the_next_fall() -> None:
    """Terms are versions here as everywhere."""
    async with hall() as house:
        await house.open(event())
        await house.later(HOUR)
        await house.contribute("happy", name="a")
        trigger = {"by": "schedule", "starts_at": "2026-01-02T00:00:00Z", "open_s": 60}
        body = {"change_id": "c", "reason": "r", "approved_by": "a", "trigger": trigger}
        got = await house.call("POST", "/pools/happy/terms", body)
        assert got.status < 300, got.body
        assert got.json["trigger"] == trigger
        await house.later(600_000)
        assert (await shown(house))["opens_at"] == "2026-01-02T00:00:00.000Z"


@pytest.mark.parametrize(
    ("falls", "field"),
    [
        ({"starts_at": None}, "trigger"),
        ({"open_s": None}, "trigger"),
        ({"starts_at": "2026-01-01T00:00:00"}, "trigger.starts_at"),
        ({"starts_at": "soon"}, "trigger.starts_at"),
        ({"every_s": 599}, "trigger.open_s"),
        ({"by": "call"}, "trigger.by"),
        ({"latest_s": 5}, "trigger"),
    ],
)
def test_a_schedule_that_cannot_stand_is_named(falls: dict[str, Any], field: str) -> None:
    """Each rule of it, by its field; one that stands is not refused: the control."""
    sound = event()
    assert wrong_with(sound) is None
    given = {
        name: getattr(sound.trigger, name) for name in ("by", "starts_at", "open_s", "every_s")
    }
    wrong = Terms(
        **{name: getattr(sound, name) for name in sound.__struct_fields__ if name != "trigger"},
        trigger=Falls(**{**given, **falls}),
    )
    found = wrong_with(wrong)
    assert found is not None
    assert found[0] == field


@pytest.mark.parametrize("every_s", [None, 600, 3_600])
@pytest.mark.parametrize("now_s", [0, 3_599, 3_600, 4_199, 4_200, 7_199, 100_000])
def test_the_window_is_the_one_that_is_on_or_the_next(every_s: int | None, now_s: int) -> None:
    """Found by formula as by walking from one to the next."""
    terms = event(every_s=every_s)
    now_ns = START + now_s * NS_PER_S
    start, expected = 3_600, None
    while expected is None and (every_s is not None or start == 3_600):
        if now_s < start + 600:
            expected = (START + start * NS_PER_S, START + (start + 600) * NS_PER_S)
        start += every_s or 1
    assert terms.trigger.window(now_ns) == expected


def test_the_mathematics_of_an_event() -> None:
    """All bets of its time; from draw to draw as long as from one event to the next."""
    terms = event(rate=Rate(numerator=1, denominator=10), cap=Decimal("100.00"))
    found = law(terms, 100, 3_000)
    assert found is not None
    assert (found.rounds, found.ms) == (Fraction(199), Fraction(HOUR))
    assert found.payout == 1_000 + 199 * 10
    found = law(terms, 1_000, 3_000)
    assert found is not None
    assert found.payout == 10_000
    with pytest.raises(ValueError, match="no bet comes"):
        law(terms, 100, 600_000)


async def test_on_a_clock_that_runs_an_event_is_drawn_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody advances the clock, nobody calls: the end of the event comes, and its draw (JP-31). On
    one that stands still nothing happens by itself: the control."""
    monkeypatch.setattr(watch, "LOOK_S", 0.01)
    async with hall() as house:
        await house.open(event(starts_s=0, open_s=3_600))
        assert (await house.contribute("happy", name="a")).status == 201
        clock = house.box.world.clock
        clock.advance(HOUR * 1_000_000)
        await asyncio.sleep(0.1)
        house.box.tokens.clear()
        assert await falls(house, 1) == []
        house.box.world.set_clock(ClockSetting("shifted", clock.now_ns()))
        for _ in range(6_000):
            if found := await falls(house, 1):
                break
            await asyncio.sleep(0.01)
        assert found[0]["reason"] == "deadline"
        house.box.world.set_clock(ClockSetting("frozen", house.box.world.clock.now_ns()))
