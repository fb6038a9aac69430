"""The statistical battery of an RNG, at 99 % confidence (GLI-19 §3.2.2; RGS-10, RGS-63).

Each test takes scaled numbers as a game draws them and answers a statistic and the interval in
which 99 of 100 honest generators lie. A fixed seed makes the verdict repeatable; a failure of one
test in a hundred is what the confidence level means, so the dossier names its seed.

Quantiles of the chi-square law are Wilson and Hilferty's approximation, good to a tenth of a
per cent for the 30 degrees of freedom and more that are used here.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import comb

from simulator.base.exact import number
from simulator.rgs.maths.game import Chance
from simulator.rgs.maths.sheet import root

Z_99 = Decimal("2.5758293035489004")
"""Two-sided 99 % of the normal law."""

FACES = 50
DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test: its statistic, where 99 % lie, and whether it does."""

    test: str
    draws: int
    statistic: Decimal
    low: Decimal
    high: Decimal

    @property
    def passed(self) -> bool:
        """True within the interval."""
        return self.low <= self.statistic <= self.high


Test = Callable[[Sequence[int], int], Verdict]


def run(dice: Chance, draws: int = DRAWS, faces: int = FACES) -> list[Verdict]:
    """All tests over the same numbers below `faces`, and duplicates over numbers of their own."""
    numbers = [dice.below(faces) for _ in range(draws)]
    verdicts = [test(numbers, faces) for test in TESTS]
    return [*verdicts, duplicates([dice.below(_BIRTHDAYS) for _ in range(_PEOPLE)], _BIRTHDAYS)]


def chi_square(numbers: Sequence[int], faces: int) -> Verdict:
    """Each face comes as often as any other."""
    seen = Counter(numbers)
    expected = Fraction(len(numbers), faces)
    total = sum(((seen[face] - expected) ** 2 / expected for face in range(faces)), Fraction())
    low, high = _chi_square_interval(faces - 1)
    return Verdict("chi-square", len(numbers), number(total), low, high)


def pairs(numbers: Sequence[int], faces: int) -> Verdict:
    """Each pair of neighbours, taken apart in tens, comes as often as any other."""
    cells = 10
    scaled = [face * cells // faces for face in numbers]
    seen = Counter(zip(scaled[::2], scaled[1::2], strict=False))
    expected = Fraction(len(numbers) // 2, cells * cells)
    total = sum(
        ((seen[a, b] - expected) ** 2 / expected for a in range(cells) for b in range(cells)),
        Fraction(),
    )
    low, high = _chi_square_interval(cells * cells - 1)
    return Verdict("pairs", len(numbers), number(total), low, high)


def runs(numbers: Sequence[int], faces: int) -> Verdict:
    """The number of runs above and below the middle (Wald and Wolfowitz), as a standard score."""
    above = [2 * face >= faces for face in numbers]
    high = sum(above)
    low = len(above) - high
    found = 1 + sum(a != b for a, b in pairwise(above))
    both = 2 * high * low
    if not both:
        return _score("runs", len(numbers), Fraction(found), Fraction(len(above)), Fraction(1))
    count = high + low
    mean = Fraction(both, count) + 1
    variance = Fraction(both * (both - count), count * count * (count - 1))
    return _score("runs", len(numbers), Fraction(found), mean, variance)


def serial_correlation(numbers: Sequence[int], _faces: int) -> Verdict:
    """A number says nothing about the next: the lag-one correlation, as a standard score."""
    count = len(numbers)
    mean = Fraction(sum(numbers), count)
    square = sum(n * n for n in numbers) - count * mean * mean
    following = sum(a * b for a, b in zip(numbers, [*numbers[1:], numbers[0]], strict=True))
    correlation = (following - count * mean * mean) / square if square else Fraction(1)
    return _score(
        "serial correlation", count, correlation, Fraction(-1, count - 1), Fraction(1, count)
    )


def coupon_collector(numbers: Sequence[int], faces: int) -> Verdict:
    """How long it takes to see all of ten faces, in the mean over all collections, as a score."""
    kinds = 10
    scaled = [face * kinds // faces for face in numbers]
    lengths, seen, length = [], set[int](), 0
    for face in scaled:
        seen.add(face)
        length += 1
        if len(seen) == kinds:
            lengths.append(length)
            seen, length = set(), 0
    if not lengths:
        return _score("coupon collector", len(numbers), Fraction(kinds**2), Fraction(), Fraction(1))
    mean = sum((Fraction(kinds, missing) for missing in range(1, kinds + 1)), Fraction())
    spread = sum(
        (Fraction(kinds * (kinds - missing), missing**2) for missing in range(1, kinds + 1)),
        Fraction(),
    )
    found = Fraction(sum(lengths), len(lengths))
    return _score("coupon collector", len(numbers), found, mean, spread / len(lengths))


_BIRTHDAYS = 1 << 24
_PEOPLE = 20_000


def duplicates(numbers: Sequence[int], faces: int) -> Verdict:
    """Equal pairs among numbers of a large range, as many as chance makes, as a score."""
    found = sum(comb(times, 2) for times in Counter(numbers).values())
    chance = Fraction(1, faces)
    expected = comb(len(numbers), 2) * chance
    return _score("duplicates", len(numbers), Fraction(found), expected, expected * (1 - chance))


TESTS: tuple[Test, ...] = (chi_square, pairs, runs, serial_correlation, coupon_collector)


def _score(test: str, draws: int, found: Fraction, mean: Fraction, variance: Fraction) -> Verdict:
    score = number((found - mean) / Fraction(root(variance)))
    return Verdict(test, draws, score, -Z_99, Z_99)


def _chi_square_interval(freedom: int) -> tuple[Decimal, Decimal]:
    ninth = Fraction(2, 9 * freedom)
    spread = Fraction(root(ninth)) * Fraction(Z_99)
    low, high = (number(freedom * (1 - ninth + sign * spread) ** 3) for sign in (-1, 1))
    return low, high
