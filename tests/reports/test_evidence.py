"""The tests that may be looked at after every spin: never misled more often than promised, and not
blind (RGS-62)."""

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.reports.drift import Law, Watch
from simulator.reports.evidence import AimedHits, AimedReturn, HitTest, ReturnTest, needed
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.slot import SlotGame

ALPHA = Fraction(1, 10)
Wins = Mapping[Fraction, Fraction]
"""A law of chance: win in stakes → its chance."""

WINS = st.fractions(0, 400, max_denominator=20)
LAWS = st.dictionaries(WINS, st.integers(1, 10**6), min_size=2, max_size=6)


def law_of(weights: Mapping[Fraction, int]) -> Wins:
    whole = sum(weights.values())
    return {win: Fraction(weight, whole) for win, weight in weights.items()}


def mean(law: Wins) -> Fraction:
    return sum((win * chance for win, chance in law.items()), Fraction(0))


def variance(law: Wins) -> Fraction:
    return sum((win**2 * chance for win, chance in law.items()), Fraction(0)) - mean(law) ** 2


def expected(test: ReturnTest, law: Wins) -> list[Fraction]:
    """What each bet becomes on the average by one spin of this law, exactly."""
    sums: list[Fraction] = []
    for win, chance in law.items():
        factors = [Fraction(factor) * chance for factor in test._factors(win)]
        sums = [a + b for a, b in zip(sums, factors, strict=True)] if sums else factors
    return sums


# Why they are never misled ------------------------------------------------------------------------


@given(LAWS)
def test_no_bet_gains_while_the_mathematics_is_true(weights: dict[Fraction, int]) -> None:
    """For any law at all, a bet made from its exact mean and variance is expected to come to at
    most 1: so is their mixture, and Ville's inequality bounds the chance of ever seeing 1/alpha."""
    law = law_of(weights)
    if not mean(law):
        return
    assert all(value <= 1 for value in expected(ReturnTest(mean(law), variance(law)), law))
    assert all(value <= 1 for value in expected(ReturnTest(mean(law), None), law))


@given(st.fractions(Fraction(1, 1000), Fraction(999, 1000)))
def test_no_bet_on_hits_gains_while_the_chance_is_true(chance: Fraction) -> None:
    """The same of the likelihood ratios."""
    test = HitTest(chance)
    for hit, miss in zip(test._hit, test._miss, strict=True):
        assert Fraction(hit) * chance + Fraction(miss) * (1 - chance) <= 1


@given(
    st.fractions(min_value=Fraction(1, 2), max_value=Fraction(99, 100), max_denominator=100),
    st.fractions(min_value=Fraction(101, 100), max_value=1_000, max_denominator=100),
)
def test_no_bet_on_a_target_gains_while_the_return_is_true(
    mean: Fraction, target: Fraction
) -> None:
    """Whatever the target that the player chose: no bet on return or hits is expected to grow, one
    whose target is not told neither."""
    chance = mean / target
    returns, hits = AimedReturn(mean), AimedHits(mean)
    for aim in (target, None):
        won, lost = (list(returns._factors(win, aim)) for win in (target, Fraction(0)))
        for up, down in zip(won, lost, strict=True):
            assert chance * Fraction(up) + (1 - chance) * Fraction(down) <= 1
            assert min(up, down) >= 0
    won, lost = (list(hits._factors(hit, target)) for hit in (True, False))
    for up, down in zip(won, lost, strict=True):
        assert chance * Fraction(up) + (1 - chance) * Fraction(down) <= 1


def test_a_bet_gains_where_the_mathematics_is_wrong() -> None:
    """Negative control: with another mean than the published one, some bet is expected to grow, in
    both directions."""
    law = law_of({Fraction(0): 6, Fraction(1): 3, Fraction(6): 1})
    for published in (mean(law) * Fraction(8, 10), mean(law) * Fraction(12, 10)):
        assert max(expected(ReturnTest(published, variance(law)), law)) > 1


def test_a_rare_win_is_no_evidence_of_too_little() -> None:
    """A return that lies in a win of one in a million cannot be missed after a thousand spins: the
    variance says so."""
    chance, prize = Fraction(1, 10**6), Fraction(500_000)
    law = {Fraction(0): 1 - chance, prize: chance}
    test = ReturnTest(mean(law), variance(law))
    for _ in range(1_000):
        test.take(100, 0)
    assert test.wealth.highest < 2


def test_needed_evidence_is_rounded_against_the_alert() -> None:
    """A third has no end: three is not enough of it, a little more is."""
    assert Fraction(needed(Fraction(3, 7))) >= Fraction(7, 3)
    assert needed(Fraction(1, 1000)) == Decimal(1000)


# How often they are misled ------------------------------------------------------------------------

TRUE: Wins = {
    Fraction(0): Fraction(60, 100),
    Fraction(1): Fraction(30, 100),
    Fraction(4): Fraction(9, 100),
    Fraction(30): Fraction(1, 100),
}
"""A law with a return of 96 %."""


def spins(law: Wins, seed: int) -> Iterator[int]:
    """Wins in stakes, for ever."""
    dice = random.Random(seed)
    wins, weights = [int(win) for win in law], [int(chance * 10_000) for chance in law.values()]
    while True:
        yield from dice.choices(wins, weights, k=500)


def watch_of(law: Wins, alpha: Fraction = ALPHA / 2) -> Watch:
    """A watch of the two tests for it: `alpha` for each."""
    return Watch(Law(mean(law), variance(law), 1 - law[Fraction(0)]), alpha)


def alerts(law: Wins, published: Wins, runs: int, length: int) -> list[int]:
    """In which spin each run alerts, of those that do."""
    found = []
    for seed in range(runs):
        watch = watch_of(published)
        for _, win in zip(range(length), spins(law, seed), strict=False):
            watch.take(1, win)
            if watch.alert_at is not None:
                found.append(watch.alert_at)
                break
    return found


def test_true_mathematics_rarely_alerts_however_often_one_looks() -> None:
    """100 runs of 1 500 spins, looked at after every spin: at most the promised tenth of them
    alert, within what chance allows (a binomial's mean and three deviations)."""
    assert mean(TRUE) == Fraction(96, 100)
    assert len(alerts(TRUE, TRUE, 100, 1_500)) <= 10 + 3 * 3


def test_a_fixed_threshold_alerts_far_more_often() -> None:
    """Negative control: the same runs, asked after every spin whether the return is more than 1.64
    deviations off (a tenth of single looks): most of them say so at some time."""
    mu, spread = mean(TRUE), variance(TRUE)
    misled = 0
    for seed in range(60):
        won = 0
        for n, win in zip(range(1, 2_001), spins(TRUE, seed), strict=False):
            won += win
            if n >= 30 and (won - n * mu) ** 2 > Fraction(269, 100) * n * spread:
                misled += 1
                break
    assert misled > 20


@pytest.mark.nightly
def test_true_mathematics_rarely_alerts_in_the_long_run() -> None:
    """The same for 500 runs of 10 000 spins."""
    assert len(alerts(TRUE, TRUE, 500, 10_000)) <= 50 + 3 * 7


@pytest.mark.parametrize("part", [-5, 6])
def test_another_return_is_found(part: int) -> None:
    """A law that returns some points less or more, by its small wins, is found in every run."""
    shift = Fraction(part, 100)
    wrong = {**TRUE, Fraction(0): TRUE[Fraction(0)] - shift, Fraction(1): TRUE[Fraction(1)] + shift}
    found = alerts(wrong, TRUE, 8, 12_000)
    assert len(found) == 8


# With a game of the studio ------------------------------------------------------------------------


class Dice:
    """Dice of a known order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.draws = 0

    def below(self, bound: int) -> int:
        self.draws += 1
        return self._random.randrange(bound)


def classic() -> SlotGame:
    """The classic of the catalogue."""
    game = load_games()["studio:classic_3x3"]
    assert isinstance(game, SlotGame)
    return game


def watched(played: SlotGame, profile: str, count: int) -> Watch:
    """Spins of a game, held to the published mathematics of the classic's rtp_96."""
    law = classic().stats("rtp_96", "base")
    cost = classic().cost("base")
    watch = Watch(Law(law.mean / cost, law.variance / cost**2, 1 - law.nothing), Fraction(1, 2_000))
    dice = Dice(7)
    for _ in range(count):
        watch.take(100, played.play(profile, "base", 100, dice).win_minor)
        if watch.alert_at is not None:
            break
    return watch


def with_pays(**pays: Any) -> SlotGame:
    """The classic with another paytable."""
    data = classic().data
    return SlotGame({**data, "paytable": {**data["paytable"], **pays}})


def test_the_true_game_is_left_alone() -> None:
    """Thousands of spins of the classic as it is published: no alert."""
    watch = watched(classic(), "rtp_96", 8_000)
    assert (watch.alert_at, watch.spins) == (None, 8_000)


@pytest.mark.parametrize("pays", [{"P": {"3": 24}}, {"L": {"3": 2}}, {"C": {"3": 5}}])
def test_a_wrong_paytable_is_found(pays: dict[str, Any]) -> None:
    """A prize that is doubled, one that is cut, one that is missing: each alerts."""
    watch = watched(with_pays(**pays), "rtp_96", 12_000)
    assert watch.alert_at is not None
