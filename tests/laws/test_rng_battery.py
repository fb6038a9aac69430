"""The studio's dice pass the statistical battery at 99 %, and worse dice do not (GLI-19 §3.2.2)."""

from collections.abc import Callable

import pytest

from simulator.rgs.drbg import SpinDice
from simulator.rgs.maths.battery import FACES, TESTS, Verdict, duplicates, run
from simulator.rgs.maths.game import Chance


def failed(verdicts: list[Verdict]) -> set[str]:
    return {verdict.test for verdict in verdicts if not verdict.passed}


class OneSpinEach:
    """The first draw of each of many spins, which is how a player meets the dice."""

    def __init__(self, seed: int) -> None:
        self.seed, self.spins = seed, 0

    def below(self, bound: int) -> int:
        self.spins += 1
        return SpinDice(self.seed, "s-1", "r-1", f"spin-{self.spins}").below(bound)


def test_one_generator_passes_every_test() -> None:
    """A long run of draws of one spin is uniform, independent and no more alike than chance."""
    assert failed(run(SpinDice(42, "battery", "round", "spin"))) == set()


def test_the_first_draws_of_many_spins_pass_every_test() -> None:
    """Draws of neighbouring spins of one session are as independent as draws of one (RGS-12)."""
    assert failed(run(OneSpinEach(42), draws=10_000)) == set()


@pytest.mark.nightly
def test_failures_are_as_rare_as_the_confidence_level_says() -> None:
    """Over 100 seeds, about one verdict in a hundred fails: neither the dice nor the tests are off.

    600 verdicts with 1 in 100: 20 failures or more come once in 10 000 nights of honest dice.
    """
    count = sum(len(failed(run(SpinDice(seed, "battery", "round", "spin")))) for seed in range(100))
    assert 0 < count < 20


class Worse:
    """Good dice made worse in one way."""

    def __init__(self, spoil: Callable[[int, int, int], int]) -> None:
        self.dice = SpinDice(42, "battery", "round", "spin")
        self.spoil = spoil
        self.before = 0

    def below(self, bound: int) -> int:
        value = self.spoil(self.dice.below(bound), self.before, bound)
        self.before = value
        return value


def heavy(value: int, before: int, _bound: int) -> int:
    """One face in fifty comes half as often again: the fault of `% 50` on too few bits."""
    return 0 if value == 1 and before % 2 else value


def sticky(value: int, before: int, _bound: int) -> int:
    """One draw in ten repeats the one before."""
    return before if value % 10 == 0 else value


def swinging(value: int, before: int, bound: int) -> int:
    """After a high number a low one comes more often: uniform, but not independent."""
    return bound - 1 - value if 2 * before >= bound and 2 * value >= bound and value % 5 == 0 \
        else value  # fmt: skip


def poor(value: int, _before: int, bound: int) -> int:
    """Only a sixteenth of the numbers of a large range ever come."""
    return value - value % 16 if bound > FACES else value


def missing(value: int, before: int, bound: int) -> int:
    """A tenth of the faces comes half as often."""
    return value - bound // 2 if value * 10 // bound == 9 and before % 2 else value


@pytest.mark.parametrize(
    ("spoil", "found_by"),
    [
        (heavy, "chi-square"),
        (sticky, "serial correlation"),
        (sticky, "pairs"),
        (swinging, "runs"),
        (poor, "duplicates"),
        (missing, "coupon collector"),
    ],
)
def test_worse_dice_fail(spoil: Callable[[int, int, int], int], found_by: str) -> None:
    """Negative control: each test finds the fault that it is there for."""
    assert found_by in failed(run(Worse(spoil)))


def test_dice_that_always_throw_the_same_fail_everything() -> None:
    """Negative control: a constant passes no test, and breaks none."""

    class Stuck:
        def below(self, bound: int) -> int:
            return 0

    dice: Chance = Stuck()
    assert len(failed(run(dice, draws=2_000))) == len(TESTS) + 1


def test_the_interval_of_the_chi_square_law_is_right() -> None:
    """Against the tables: 0.5 % and 99.5 % of 49 degrees of freedom are 27.249 and 78.231."""
    verdict = TESTS[0](list(range(50)) * 4, 50)
    assert abs(float(verdict.low) - 27.249) < 0.06
    assert abs(float(verdict.high) - 78.231) < 0.06
    assert duplicates([1, 2, 3], 10**6).passed
