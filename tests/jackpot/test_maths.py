"""The published mathematics of pools (JP-71): equal to what every point and moment give, counted
singly, and to what the service's own arithmetic does when it is played."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.base.rng import Rng
from simulator.jackpot import maths
from simulator.jackpot.maths import ceil_mean, distribution, floor_sum, law, power
from simulator.jackpot.shares import Carried, share
from simulator.jackpot.terms import Falls, Split, Terms, shipped
from simulator.rgs.maths.catalogue import load_games
from tests.jackpot.tools import ELSEWHERE, hall, one_in, pool, within

STAKE = 100
SPLIT = Split(current=7, reserve=1, seed=2)


def timed(early_s: int, late_s: int, **more: Any) -> Terms:
    """A pool that falls by time."""
    falls = Falls(by="time", earliest_s=early_s, latest_s=late_s)
    return pool("p", kind="timed", trigger=falls, **more)


# By formula, and one by one -----------------------------------------------------------------------


@given(*[st.integers(0, 60)] * 3, st.integers(1, 40))
def test_a_sum_of_floors(count: int, step: int, start: int, divisor: int) -> None:
    """Equal to the sum, term by term."""
    found = floor_sum(count, step, start, divisor)
    assert found == sum((step * i + start) // divisor for i in range(count))


@given(st.integers(1, 300), st.integers(0, 300), st.integers(1, 50), st.integers(1, 50))
def test_a_mean_of_ceilings(low: int, more: int, numerator: int, denominator: int) -> None:
    """Equal to the mean, term by term."""
    unit = Fraction(numerator, denominator)
    found = ceil_mean(low, low + more, unit)
    ceilings = [math.ceil(i / unit) for i in range(low, low + more + 1)]
    assert found == Fraction(sum(ceilings), len(ceilings))


def test_a_power_is_exact_or_cut_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut, it is less than 2^-200 too small, and never too large."""
    exact = power(Fraction(999, 1000), 1_500)
    assert exact == Fraction(999, 1000) ** 1_500
    monkeypatch.setattr(maths, "EXACT_BITS", 0)
    assert 0 < exact - power(Fraction(999, 1000), 1_500) < Fraction(1, 2**200)
    assert power(Fraction(1, 3), 0) == 1


@pytest.mark.parametrize("exponent", [1, 1_000, 2_000, 60_000, 10**9])
def test_no_power_is_longer_than_a_sum_can_carry(exponent: int) -> None:
    """A greatest common divisor of a million bits takes seconds, in which a server answers nobody:
    whatever stake is asked about, a power has 16 384 bits at most."""
    assert power(Fraction(3_999, 4_000), exponent).denominator.bit_length() <= 1 << 14


@settings(max_examples=60)
@given(st.integers(101, 140), st.integers(1, 60), st.integers(1, 400))
def test_a_hidden_amount_point_by_point(low: int, more: int, stake: int) -> None:
    """Mean bets, payout and overflow of every point of the range (JP-31)."""
    cap = Decimal(low + more).scaleb(-2)
    terms = pool(
        "p", seed="1.00", cap=cap, split=SPLIT, trigger=within(f"{low / 100:.2f}", str(cap))
    )
    growth = stake * Fraction(1, 100) * Fraction(7, 10)
    bets = [math.ceil((point - 100) / growth) for point in range(low, low + more + 1)]
    paid = [min(Fraction(low + more), 100 + k * growth) for k in bets]
    found = law(terms, stake, 1_000)
    assert found is not None
    assert found.rounds == Fraction(sum(bets), len(bets))
    assert found.payout == sum(paid) / len(paid)
    assert found.returned == found.payout / (stake * found.rounds)


@settings(max_examples=25)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(150, 2_900), st.integers(0, 30))
def test_a_hidden_moment_one_by_one(early_s: int, more: int, each_ms: int, room: int) -> None:
    """Mean bets, time, payout and overflow of every millisecond; after the last bet in time the
    deadline draws (JP-31)."""
    late = (early_s + more) * 1000
    each_ms = min(each_ms, late - 1)
    cap = None if not room else Decimal(100 + room).scaleb(-2)
    terms = timed(early_s, early_s + more, seed="1.00", cap=cap, split=SPLIT)
    last = (late - 1) // each_ms
    rounds, times, paid = [], [], []
    for point in range(early_s * 1000, late + 1):
        k = math.ceil(Fraction(point, each_ms))
        met = k <= last
        rounds.append(k if met else last)
        times.append(k * each_ms if met else late)
        grown = 100 + rounds[-1] * Fraction(7 * 500, 1000)
        paid.append(grown if cap is None else min(Fraction(100 + room), grown))
    found = law(terms, 500, each_ms)
    assert found is not None
    assert found.rounds == Fraction(sum(rounds), len(rounds))
    assert found.ms == Fraction(sum(times), len(times))
    assert found.payout == sum(paid) / len(paid)


@pytest.mark.parametrize("cap", [None, "1.03", "1.10", "9.00"])
def test_odds_bet_by_bet(cap: str | None) -> None:
    """The series of a geometric law, summed until what is left is less than 2^-60."""
    terms = pool("p", seed="1.00", cap=cap and Decimal(cap), split=SPLIT, trigger=one_in(30))
    found = law(terms, STAKE, 1_000)
    assert found is not None
    assert (1 / found.hit_rate, found.ms) == (Fraction(30), Fraction(30_000))
    most = None if cap is None else Fraction(Decimal(cap) * 100)
    mean, left = 0.0, 1.0
    for k in range(1, 1_500):
        size = 100 + k * Fraction(7, 10)
        mean += left / 30 * float(size if most is None else min(most, size))
        left *= 29 / 30
    assert float(found.payout) == pytest.approx(mean, abs=1e-9)


def test_what_comes_back_adds_up() -> None:
    """`returned = to_pool + seeding − overflow`, whatever a pool falls by; the parts of a
    contribution are the rate."""
    for terms in shipped().values():
        found = law(terms, STAKE, 3_000, one_in=1_000)
        assert found is not None
        assert found.returned == found.to_pool + found.seeding - found.overflow
        assert found.collected == found.to_pool + found.to_reserve + found.to_seed


def test_levels_share_all_there_is() -> None:
    """Parts of hits and payouts of a group are 1 together, in the order of their odds."""
    laws = [law(shipped()[name], STAKE, 3_000) for name in ("vault-mini", "vault-minor")]
    parts = distribution([one for one in laws if one is not None])
    assert sum(part.hits for part in parts) == sum(part.payouts for part in parts) == 1
    assert parts[0].hits > parts[1].hits


# Played -------------------------------------------------------------------------------------------


@dataclass
class Played:
    """Cycles as they ended: bets and payout of each."""

    bets: list[int]
    paid: list[int]


def play(terms: Terms, cycles: int, ends: Callable[[int, int, int], bool], stake: int) -> Played:
    """Play so many cycles with the service's own arithmetic; `ends` is asked after each bet: cycle,
    bet and size."""
    found, carried = Played([], []), Carried()
    for cycle in range(cycles):
        size, bets, over = terms.seed_minor, 0, False
        while not over:
            shares = share(terms, stake, size, carried)
            size, carried, bets = size + shares.current, shares.carried, bets + 1
            over = ends(cycle, bets, size)
        found.bets.append(bets)
        found.paid.append(size)
    return found


def require_near(values: list[int], mean: Fraction, off: float = 0.0) -> None:
    """The mean of a sample lies within five standard errors of what was published; `off` is what
    carried remainders may add."""
    found = Fraction(sum(values), len(values))
    variance = sum((value - found) ** 2 for value in values) / len(values)
    error = 5 * math.sqrt(variance / len(values)) + off
    assert abs(float(found - mean)) < error, (float(found), float(mean), error)


def by_chance(cycles: int) -> tuple[Terms, Played]:
    """A pool that a chance in 40 of each euro lets fall, with a cap that it often reaches."""
    terms = pool("p", seed="1.00", cap=Decimal("1.40"), split=SPLIT, trigger=one_in(40, "1.00"))
    dice, chance = Rng(7), terms.chance_of(STAKE)
    return terms, play(
        terms, cycles, lambda cycle, bet, _: dice.strikes(chance, "sim", cycle, bet), STAKE
    )


def by_amount(cycles: int) -> tuple[Terms, Played]:
    """One that falls by a hidden amount."""
    terms = pool("p", seed="1.00", cap=Decimal("1.60"), split=SPLIT, trigger=within("1.10", "1.60"))
    random = Random(7)
    points = [random.randint(110, 160) for _ in range(cycles)]
    return terms, play(terms, cycles, lambda cycle, _, size: size >= points[cycle], STAKE)


def by_time(cycles: int) -> tuple[Terms, Played]:
    """One that falls by a hidden moment, a bet every 700 ms."""
    terms = timed(10, 60, seed="1.00", split=SPLIT)
    random = Random(7)
    points = [random.randint(10_000, 60_000) for _ in range(cycles)]
    last = 59_999 // 700
    return terms, play(
        terms, cycles, lambda cycle, bet, _: bet * 700 >= points[cycle] or bet == last, STAKE
    )


WAYS = {"chance": by_chance, "amount": by_amount, "time": by_time}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_played_is_what_is_published(way: str) -> None:
    """Mean bets, payout and return of a thousand cycles and more; other odds would be told apart:
    the control."""
    terms, played = WAYS[way](1_500)
    found = law(terms, STAKE, 700)
    assert found is not None
    require_near(played.bets, found.rounds, off=1.5)
    require_near(played.paid, found.payout, off=1.0)
    staked = STAKE * sum(played.bets)
    assert sum(played.paid) / staked == pytest.approx(float(found.returned), rel=0.1)
    with pytest.raises(AssertionError):
        require_near(played.bets, found.rounds * Fraction(5, 4), off=1.5)


@pytest.mark.nightly
@pytest.mark.parametrize("way", WAYS)
def test_what_is_played_for_long(way: str) -> None:
    """The same of a hundred thousand cycles."""
    terms, played = WAYS[way](100_000)
    found = law(terms, STAKE, 700)
    assert found is not None
    require_near(played.bets, found.rounds, off=1.5)
    require_near(played.paid, found.payout, off=1.0)


async def test_the_service_falls_as_often_as_it_says() -> None:
    """A pool behind its API, one in twenty: bets until it fell, of about thirty falls."""
    async with hall() as house:
        await house.open(pool("p", trigger=one_in(20)))
        bets: list[int] = [0]
        for _ in range(600):
            bets[-1] += 1
            if "fell" in (await house.contribute("p", 1)).json:
                bets.append(0)
        got = await house.call("GET", "/pools/p/math?stake=1")
        assert got.status == 200, got.body
        assert got.json["rounds"] == {"value": 20, "exact": "20"}
        require_near(bets[:-1], Fraction(20))
        with pytest.raises(AssertionError):
            require_near(bets[:-1], Fraction(80))


# Published ----------------------------------------------------------------------------------------


async def test_the_mathematics_of_a_pool_are_public() -> None:
    """Its members read them; others find no such pool (JP-60); a group tells of all its levels."""
    async with hall() as house:
        got = await house.call("GET", "/pools/vault-minor/math?stake=2.00&each_ms=1000")
        told = got.json
        assert got.status == 200, got.body
        assert (got.status, told["trigger"], told["collected"]["exact"]) == (
            200,
            "chance",
            "3/1000",
        )
        assert told["hit_rate"]["exact"] == "1/10000"
        assert told["time_to_drop_s"]["exact"] == "10000"
        assert [one["level"] for one in told["levels"]] == ["mini", "minor", "major"]
        assert sum(one["hits"]["value"] for one in told["levels"]) == pytest.approx(1)
        elsewhere = await house.call("GET", "/pools/vault-minor/math", headers=ELSEWHERE)
        assert elsewhere.status == 404


async def test_the_odds_of_a_call_are_its_callers() -> None:
    """Without them only what a pool collects is told; with them all of it."""
    async with hall() as house:
        told = (await house.call("GET", "/pools/grand-eu-01/math")).json
        assert told["to_pool"]["exact"] == "1/125"
        assert not {"hit_rate", "rounds", "payout", "returned"} & set(told)
        told = (await house.call("GET", "/pools/grand-eu-01/math?one_in=1000000")).json
        assert told["hit_rate"]["exact"] == "1/1000000"
        fixed = (await house.call("GET", "/pools/daily-fixed/math?one_in=2000")).json
        assert (fixed["payout"]["value"], fixed["returned"]["exact"]) == (100, "1/20")


async def test_changed_terms_count_from_the_next_fall() -> None:
    """The mathematics are those of the terms in force."""
    async with hall() as house:
        await house.open(pool("p"))
        body = {"change_id": "c", "reason": "r", "approved_by": "a"}
        rate = {"rate": {"numerator": 1, "denominator": 50}}
        assert (await house.call("POST", "/pools/p/terms", {**body, **rate})).status < 300
        before = (await house.call("GET", "/pools/p/math")).json
        await house.contribute("p", name="a")
        await house.trigger("a", "p")
        after = (await house.call("GET", "/pools/p/math")).json
        assert (before["collected"]["exact"], after["collected"]["exact"]) == ("1/100", "1/50")
        assert (before["version"], after["version"]) == (1, 2)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("stake=0.001", "stake"),
        ("stake=9", "stake"),
        ("stake=-1", "stake"),
        ("each_ms=0", "each_ms"),
        ("one_in=0", "one_in"),
    ],
)
async def test_what_cannot_be_computed_is_named(query: str, named: str) -> None:
    """A stake with too many decimals, one that cannot win, nothing: each says which."""
    async with hall() as house:
        await house.open(pool("p", max_stake=Decimal("5.00"), trigger=one_in(20)))
        got = await house.call("GET", f"/pools/p/math?{query}")
        assert (got.status, got.code) == (400, "VALIDATION_FAILED")
        assert named in got.json["message"]


async def test_a_bet_that_never_comes_is_no_law() -> None:
    """A timed pool whose deadline passes before the first bet."""
    async with hall() as house:
        got = await house.call("GET", "/pools/vault-major/math?each_ms=90000000")
        assert (got.status, got.code) == (400, "VALIDATION_FAILED")


def test_every_game_returns_what_it_may_with_its_pool() -> None:
    """Base game and pool together lie within 75 % and 100 %, for every game that feeds one of the
    studio's pools, and the pool collects exactly the share that the game declares."""
    pools = [terms for terms in shipped().values() if terms.tells_studio]
    judged = 0
    for game in load_games().values():
        for name, profile in game.profiles.items():
            if not profile.jackpot_share:
                continue
            for terms in pools:
                found = law(terms, STAKE, 3_000)
                assert found is not None
                assert found.collected == profile.jackpot_share
                assert Fraction(75, 100) <= game.rtp(name, "base") + found.returned <= 1
                judged += 1
    assert judged
