"""Exact laws of what is won: enough of a distribution to add, scale and mix without a float.

A `Stats` is the mean, second moment, chance of nothing, and the highest value with its chance, of a
whole number of coins that is never negative. Sums of independent parts, multiples and mixtures of
such laws are again exact; that is all that reels, features and retriggers are made of (RGS-13).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Stats:
    """The law of one win, in coins."""

    mean: Fraction
    second: Fraction
    """The mean of the square."""
    nothing: Fraction
    """The chance that it is zero."""
    most: int
    most_chance: Fraction

    @property
    def variance(self) -> Fraction:
        """The mean squared distance from the mean."""
        return self.second - self.mean * self.mean

    def __add__(self, other: "Stats") -> "Stats":
        """The law of the sum of two independent wins."""
        return Stats(
            self.mean + other.mean,
            self.second + 2 * self.mean * other.mean + other.second,
            self.nothing * other.nothing,
            self.most + other.most,
            self.most_chance * other.most_chance,
        )

    def times(self, factor: int) -> "Stats":
        """The law of a multiple; the factor is at least 1."""
        return Stats(
            self.mean * factor,
            self.second * factor * factor,
            self.nothing,
            self.most * factor,
            self.most_chance,
        )


def certain(coins: int) -> Stats:
    """The law of a win that is always the same."""
    value = Fraction(coins)
    return Stats(value, value * value, Fraction(int(coins == 0)), coins, Fraction(1))


ZERO = certain(0)


def of(weights: Mapping[int, int]) -> Stats:
    """The law of coins drawn with these weights."""
    total = sum(weights.values())
    most = max(coins for coins, weight in weights.items() if weight)
    return Stats(
        Fraction(sum(coins * weight for coins, weight in weights.items()), total),
        Fraction(sum(coins * coins * weight for coins, weight in weights.items()), total),
        Fraction(weights.get(0, 0), total),
        most,
        Fraction(weights[most], total),
    )


def mix(parts: Iterable[tuple[int | Fraction, Stats]]) -> Stats:
    """The law of a win that comes from one of several, with these weights. Raises ValueError for
    none of positive weight.
    """
    kept = [(weight, part) for weight, part in parts if weight]
    total = Fraction(sum(weight for weight, _ in kept))
    if not total:
        raise ValueError("nothing to mix")
    most = max(part.most for _, part in kept)
    return Stats(
        sum((weight * part.mean for weight, part in kept), Fraction()) / total,
        sum((weight * part.second for weight, part in kept), Fraction()) / total,
        sum((weight * part.nothing for weight, part in kept), Fraction()) / total,
        most,
        sum((w * part.most_chance for w, part in kept if part.most == most), Fraction()) / total,
    )
