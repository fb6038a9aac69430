"""A world's clock: real, shifted, accelerated, frozen; what falls due when it moves (SBX-03)."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from simulator.adapters.timers import Timers
from simulator.adapters.transport import NotSent
from simulator.base.clock import (
    FROZEN_START_NS,
    LATEST_NS,
    NS_PER_MS,
    NS_PER_S,
    AcceleratedClock,
    SimClock,
    WallClock,
    WorldClock,
    make_clock,
    parse_iso,
)
from simulator.base.errors import ConfigError, NotFound
from simulator.parties import PARTIES, WALLET
from simulator.server import due
from simulator.server.behind import Behind
from simulator.settings import ClockSetting
from simulator.store.tx import Reads
from simulator.wire.control import Nothing
from simulator.wire.messages import Message
from tests.jackpot.tools import hall
from tests.play.tools import Casino
from tests.server.test_control import make, ok, require_field
from tests.support import Sandbox, sandbox

HOUR_MS = 3_600_000
WAKES_WITHIN_S = 60
"""Of real time; who has not woken by then never does."""
START = "2026-01-01T00:00:00.000Z"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


async def advance(box: Sandbox, by_ms: int) -> list[dict[str, str]]:
    """What fell due."""
    moved = await ok(box, "POST", "/clock/advance", {"by_ms": by_ms})
    return list(moved.get("fired", []))


# The four clocks ---------------------------------------------------------------------------------


def test_an_accelerated_clock_keeps_its_rate() -> None:
    """In each stretch of real time exactly so many times as much passes, forward only, also slower
    than real time; and it stops at the last instant (SBX-03)."""
    for rate in (Fraction(1000), Fraction(1, 1000)):
        clock = AcceleratedClock(FROZEN_START_NS, rate)
        real, first = time.perf_counter_ns(), clock.now_ns()
        time.sleep(0.01)
        last, passed = clock.now_ns(), time.perf_counter_ns() - real
        assert 10 * NS_PER_MS * rate - 1 <= last - first <= passed * rate + 1  # whole nanoseconds
    fast = AcceleratedClock(LATEST_NS, Fraction(100_000))
    assert fast.now_ns() == LATEST_NS
    with pytest.raises(ValueError, match="beyond the year 2261"):
        fast.advance(1)
    for wrong in (Fraction(0), Fraction(-1), Fraction(1, 1001), Fraction(100_001)):
        with pytest.raises(ValueError, match="outside"):
            AcceleratedClock(0, wrong)


@pytest.mark.parametrize("mode", ["wall", "shifted", "accelerated", "frozen"])
def test_every_clock_advances_by_as_much_as_it_is_told(mode: str) -> None:
    """And never back (SBX-03)."""
    clock = make_clock(mode, FROZEN_START_NS, Fraction(2))
    assert clock.mode == mode
    real_ns, before = time.perf_counter_ns(), clock.now_ns()
    clock.advance(5 * NS_PER_S)
    ran_ns = clock.now_ns() - before - 5 * NS_PER_S
    assert 0 <= ran_ns < NS_PER_S + 2 * (time.perf_counter_ns() - real_ns)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
    assert isinstance(clock, WallClock | SimClock | AcceleratedClock)


async def test_a_shifted_clock_runs_from_where_it_was_put(box: Sandbox) -> None:
    """At the speed of real time (SBX-03)."""
    now = await ok(box, "PUT", "/clock", {"mode": "shifted", "now": "2030-06-01T12:00:00Z"})
    assert now["mode"] == "shifted"
    assert "rate" not in now
    later = (await ok(box, "GET", "/clock"))["now"]
    assert "2030-06-01T12:00:00.000Z" <= now["now"] <= later < "2030-06-01T12:01:00.000Z"


async def test_an_accelerated_clock_runs_fast(box: Sandbox) -> None:
    """A day in a second: a session that lives an hour is over after some real milliseconds, at
    exactly that rate; the machine may be as slow as it likes (SBX-03)."""
    session = await box.session()
    before_ns = time.perf_counter_ns()
    began = await ok(box, "PUT", "/clock", {"mode": "accelerated", "rate": 86_400})
    begun_ns = time.perf_counter_ns()
    assert (began["mode"], began["rate"]) == ("accelerated", 86_400)
    passed_ns = 0
    while passed_ns < HOUR_MS * NS_PER_MS:
        await asyncio.sleep(0.01)
        least_ns = (time.perf_counter_ns() - begun_ns) * 86_400
        now = await ok(box, "GET", "/clock")
        most_ns = (time.perf_counter_ns() - before_ns) * 86_400
        passed_ns = parse_iso(now["now"]) - parse_iso(began["now"])
        assert least_ns - NS_PER_MS <= passed_ns <= most_ns + NS_PER_MS  # it tells milliseconds
    await ok(box, "PUT", "/clock", {"mode": "frozen"})
    box.tokens.clear()  # ten minutes are over, too
    assert (await box.call("GET", f"/v1/sessions/{session}")).json["status"] == "expired"


async def test_a_slow_clock_is_a_clock(box: Sandbox) -> None:
    """A rate is a decimal number, exact (SBX-03)."""
    now = await ok(box, "PUT", "/clock", {"mode": "accelerated", "rate": 0.125, "now": START})
    assert float(now["rate"]) == 0.125
    assert (await ok(box, "GET", "/health"))["clock"]["rate"] == now["rate"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"mode": "accelerated"}, "rate"),
        ({"mode": "accelerated", "rate": 0}, "rate"),
        ({"mode": "accelerated", "rate": 100_001}, "rate"),
        ({"mode": "accelerated", "rate": "60"}, "rate"),
        ({"mode": "frozen", "rate": 60}, "rate"),
        ({"mode": "wall", "rate": 60}, "rate"),
        ({"mode": "shifted", "now": "2030-02-30T00:00:00Z"}, "now"),
    ],
)
async def test_what_is_no_clock_is_refused(box: Sandbox, body: Any, field: str) -> None:
    """By its field, and the clock stays as it was, of a new sandbox too (SBX-03, WAL-77)."""
    require_field(await box.admin("PUT", "/clock", body), field)
    assert (await ok(box, "GET", "/clock")) == {"mode": "frozen", "now": START}
    got = await box.admin("POST", "/sandboxes", {"name": "ci-1", "clock": body})
    assert got.status == 400
    assert len(box.worlds.all()) == 1


async def test_a_sandbox_begins_and_begins_again_with_its_own_clock(box: Sandbox) -> None:
    """Its first rows carry that time, and after a reset it is that clock again (SBX-03, SBX-04)."""
    clock = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}
    other = await make(box, name="ci-1", clock=clock)
    for _ in range(2):
        assert {e["occurred_at"] for e in await other.events()} == {"2030-01-01T00:00:00.000Z"}
        await ok(other, "POST", "/clock/advance", {"by_ms": 1_000})
        await ok(other, "POST", "/reset")
        other.tokens.clear()


@pytest.mark.parametrize(
    ("text", "mode", "start", "rate"),
    [
        ("wall", "wall", START, 1),
        ("frozen", "frozen", START, 1),
        ("2030-01-01T00:00:00Z", "frozen", "2030-01-01T00:00:00Z", 1),
        ("shifted:2030-01-01T00:00:00Z", "shifted", "2030-01-01T00:00:00Z", 1),
        ("accelerated:60", "accelerated", START, 60),
        ("accelerated:0.5:2030-01-01T00:00:00Z", "accelerated", "2030-01-01T00:00:00Z", 0.5),
    ],
)
def test_a_clock_as_the_command_line_names_it(text: str, mode: str, start: str, rate: Any) -> None:
    """Each mode can be asked for at the start (SBX-03)."""
    parsed = ClockSetting.parse(text)
    assert (parsed.mode, parsed.start_ns, parsed.rate) == (mode, parse_iso(start), rate)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shifted", "shifted:TIME"),
        ("shifted:noon", "noon"),
        ("accelerated", "accelerated:RATE"),
        ("accelerated:fast", "'fast' is no rate"),
        ("accelerated:0", "outside"),
        ("accelerated:1e9", "no rate"),
    ],
)
def test_a_clock_that_cannot_be_is_a_config_error(text: str, said: str) -> None:
    """It says what was wrong and what would be right (SBX-03)."""
    with pytest.raises(ConfigError, match="--clock") as refused:
        ClockSetting.parse(text)
    assert said in str(refused.value)


# What falls due ----------------------------------------------------------------------------------


async def test_an_advance_tells_what_fell_due_in_order(box: Sandbox) -> None:
    """Reality checks and expiries, each at its own time, those of sessions that were ended not;
    nothing is told twice (SBX-03, PRV-28)."""
    checked = {"rg_flags": {"reality_check_min": 20}}
    first = await box.session(constraints=checked)
    assert await advance(box, 60_000) == []
    second = await box.session()
    ended = await box.session()
    await box.call("POST", f"/v1/sessions/{ended}/end", {})
    assert await advance(box, HOUR_MS) == [
        {"at": "2026-01-01T00:20:00.000Z", "what": "reality_check", "id": first},
        {"at": "2026-01-01T01:00:00.000Z", "what": "session_expired", "id": first},
        {"at": "2026-01-01T01:01:00.000Z", "what": "session_expired", "id": second},
    ]
    assert await advance(box, HOUR_MS) == []


async def test_overdue_holds_go_at_their_own_time() -> None:
    """Each is rolled back when it is due, not when the advance ends: the rows carry those times, in
    order, and a hold that is not due yet stays (WAL-18, SBX-03)."""
    async with sandbox(profile="strict-codes") as box:
        session = await box.session()
        for n in range(3):
            await box.authorize(session, f"b-{n}", 200, round_id=f"r-{n}")
            await ok(box, "POST", "/clock/advance", {"by_ms": 60_000})
        fired = await advance(box, HOUR_MS - 90_000)
        box.tokens.clear()
        rolled = [one for one in fired if one["what"] == "overdue_bet"]
        assert rolled == [
            {"at": f"2026-01-01T01:0{n}:00.000Z", "what": "overdue_bet", "id": f"b-{n}"}
            for n in (0, 1)
        ]
        told = await box.events(event_type="bet.rolled_back")
        assert [event["occurred_at"] for event in told] == [one["at"] for one in rolled]
        assert (await box.call("GET", "/v1/bets/b-2")).json["status"] == "authorized"


async def test_an_advance_that_cannot_be_changes_nothing() -> None:
    """Beyond the last year nothing falls due on the way either (SBX-03)."""
    async with sandbox(profile="strict-codes") as box:
        before = await ok(box, "PUT", "/clock", {"mode": "frozen", "now": "2261-06-01T00:00:00Z"})
        await box.authorize(await box.session(), "b-1", 200)
        year_ms = 365 * 24 * HOUR_MS
        require_field(await box.admin("POST", "/clock/advance", {"by_ms": year_ms}), "by_ms")
        assert await ok(box, "GET", "/clock") == before
        assert (await box.call("GET", "/v1/bets/b-1")).json["status"] == "authorized"


# What waits --------------------------------------------------------------------------------------


class Waiting:
    """Sleepers on a clock that the test moves."""

    def __init__(self, clock: WorldClock, *, virtual: bool) -> None:
        self.clock = clock
        self.timers = Timers(lambda: self.clock, virtual=virtual)
        self.woken: list[tuple[str, int]] = []

    async def sleep(self, name: str, *pauses_s: int) -> None:
        for pause_s in pauses_s:
            await self.timers.sleep(pause_s * NS_PER_S)
            self.woken.append((name, (self.clock.now_ns() - FROZEN_START_NS) // NS_PER_S))

    async def pass_s(self, seconds: int) -> None:
        """Go from one due time to the next."""
        until = self.clock.now_ns() + seconds * NS_PER_S
        while (next_ns := self.timers.next_ns) is not None and next_ns <= until:
            self.clock.advance(next_ns - self.clock.now_ns())
            await self.timers.wake_due()
        self.clock.advance(until - self.clock.now_ns())


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    """Each sees its own time, ties go by who slept first, and one that sleeps again on the way
    wakes again on the way (SBX-03)."""
    waiting = Waiting(SimClock(), virtual=True)
    tasks = [
        asyncio.create_task(waiting.sleep("slow", 5, 5)),
        asyncio.create_task(waiting.sleep("quick", 1, 1, 3, 1)),
        asyncio.create_task(waiting.sleep("late", 100)),
    ]
    await asyncio.sleep(0)
    await waiting.pass_s(9)
    assert waiting.woken == [("quick", 1), ("quick", 2), ("slow", 5), ("quick", 5), ("quick", 6)]
    await waiting.pass_s(1)
    assert waiting.woken[5:] == [("slow", 10)]
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert waiting.timers.next_ns is None, "who was cancelled is not waited for"


async def test_in_virtual_time_only_the_clock_wakes() -> None:
    """On a frozen clock real time wakes nobody in virtual time, and somebody otherwise; on a clock
    that runs it does, by its rate (SBX-03, D3)."""
    for clock, virtual, wakes in (
        (SimClock(), True, False),
        (SimClock(), False, True),
        (AcceleratedClock(FROZEN_START_NS, Fraction(1000)), True, True),
    ):
        timers = Timers(lambda clock=clock: clock, virtual=virtual)  # type: ignore[misc]
        pause_ns = 20 * NS_PER_MS * int(clock.rate or 1)
        asleep = asyncio.create_task(timers.sleep(pause_ns))
        await asyncio.wait([asleep], timeout=WAKES_WITHIN_S if wakes else 0.1)
        assert asleep.done() is wakes, clock.mode
        asleep.cancel()
        await asyncio.gather(asleep, return_exceptions=True)


async def test_a_changed_clock_changes_the_wait() -> None:
    """Who sleeps for an hour on a frozen clock wakes at once when it runs a day a second
    (SBX-03)."""
    waiting = Waiting(SimClock(), virtual=True)
    asleep = asyncio.create_task(waiting.sleep("one", 3600))
    await asyncio.sleep(0)
    waiting.clock = AcceleratedClock(waiting.clock.now_ns(), Fraction(86_400))
    waiting.timers.clock_changed()
    await asyncio.wait_for(asleep, WAKES_WITHIN_S)


async def test_a_retry_waits_for_the_clock() -> None:
    """A party whose call was lost asks again when the clock has passed its pause: nothing happens
    before, and an advance plays it through, every repeat at its time, to a sound end (WAL-72,
    SBX-03)."""
    async with sandbox(virtual_time=True) as box:
        game = Casino(box)
        session = await game.open()
        game.meddle(dict.fromkeys(range(3), not_sent_once))
        playing = asyncio.create_task(game.play(session, "r-1"))
        for _ in range(300):
            await asyncio.sleep(0)
        assert not playing.done()
        assert len(game.calls) == 1
        assert box.world.timers.next_ns is not None
        fired = await advance(box, 60_000)
        assert [one["what"] for one in fired] == ["wait"] * 3
        assert sorted({one["at"] for one in fired}) == [one["at"] for one in fired]
        got = await asyncio.wait_for(playing, WAKES_WITHIN_S)
        assert got.status == 200
        await game.require_agreement()


async def not_sent_once(*_: Any) -> Any:
    raise NotSent("no way")


async def test_any_party_can_have_things_fall_due() -> None:
    """A party registers what is due by its table's entry; something that stays due for ever is
    tried once in an advance, so that the advance ends (SBX-03)."""
    tried: list[int] = []

    def find(_tx: Reads) -> list[tuple[str, str, Message]]:
        return [("brand-42", "x", Nothing())]

    def do(tx: Any, _ask: Any) -> Any:
        tried.append(tx.now_ns)
        raise NotFound("it will not go away")

    stuck = due.Due("never", lambda _: FROZEN_START_NS + 7 * NS_PER_S, find, do)
    kinds = (replace(WALLET, dues=lambda _: [stuck]), *PARTIES[1:])
    async with sandbox(kinds=kinds) as box:
        await advance(box, 60_000)
        assert tried == [FROZEN_START_NS + 7 * NS_PER_S]


async def test_an_advance_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What falls due again and again does not keep an advance for ever: after so many due times it
    stops at the last one and says so, and the next one goes on from there (SBX-03)."""
    monkeypatch.setattr(due, "STOPS", 10)
    told: list[int] = []

    def do(tx: Any, _ask: Any) -> Any:
        told.append((tx.now_ns - FROZEN_START_NS) // NS_PER_S)
        return Nothing()

    def next_ns(_tx: Reads) -> int:
        return FROZEN_START_NS + (len(told) + 1) * NS_PER_S

    def find(tx: Reads) -> list[tuple[str, str, Message]]:
        return [("brand-42", f"tick-{len(told)}", Nothing())] if tx.now_ns >= next_ns(tx) else []

    ticks = due.Due("tick", next_ns, find, do)
    async with sandbox(kinds=(replace(WALLET, dues=lambda _: [ticks]),)) as box:
        moved = await ok(box, "POST", "/clock/advance", {"by_ms": 15_000})
        assert (moved["now"], moved["unfinished"]) == ("2026-01-01T00:00:10.000Z", True)
        assert len(moved["fired"]) == 10
        moved = await ok(box, "POST", "/clock/advance", {"by_ms": 5_500})
        assert (moved["now"], "unfinished" in moved) == ("2026-01-01T00:00:15.500Z", False)
        assert told == list(range(1, 16))


async def test_what_has_begun_is_done_before_time_passes() -> None:
    """Who lets a pool fall and advances the clock at once finds the payout credited, and credited
    when it fell: what a party is doing of itself does not drift into a later time by how fast the
    machine is (SBX-02, SBX-03, SBX-10)."""

    async def slow(real: Any, call: Any) -> Any:
        for _ in range(100):
            await asyncio.sleep(0)
        return await real(call)

    async with hall() as house:
        house.meddle({0: slow})
        await house.contribute(name="a")
        payout_id = (await house.trigger("a")).json["jp_payout_id"]
        await advance(house.box, 60_000)
        got = (await house.call("GET", f"/payouts/{payout_id}")).json
        assert got["status"] == "credited"
        assert got["ended_at"] == got["due_at"] == START


async def test_an_errand_that_takes_long_holds_up_no_clock() -> None:
    """One that sleeps is waited for no longer than to its sleep, and one that neither ends nor
    sleeps once, for a moment, and not again (SBX-03)."""
    clock = SimClock()
    timers = Timers(lambda: clock, virtual=False)
    behind, never = Behind(), asyncio.Event()

    async def wait() -> None:
        await never.wait()

    behind.go(timers.sleep(NS_PER_S * 3600))
    await timers.at_rest(lambda: behind.errands)
    assert timers.next_ns is not None
    behind.go(wait())
    await timers.at_rest(lambda: behind.errands)
    assert len(behind.errands) == 2
    again = timers.at_rest(lambda: behind.errands)
    with pytest.raises(StopIteration):  # at once, without a turn of the loop
        again.send(None)
    await behind.close()
