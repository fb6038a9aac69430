"""Evidence against a game's mathematics that may be looked at after every spin (RGS-62).

An e-process starts at 1 and, while the published mathematics is true, is never expected to grow:
by Ville's inequality the chance that it ever reaches 1/a is at most a, however long one plays and
however often one looks. No threshold on a drift has that; it is a matter of n.

For a spin's win X, in stakes and never below zero, with exact mean m and variance v:

    too much    the product of 1 + λ(X − m): its mean is 1 for any law with that mean
    too little  the product of exp(−λX) / (1 − λm + λ²(v + m²)/2): since exp(−y) ≤ 1 − y + y²/2 for
                y ≥ 0, its mean is at most 1 for any law with that mean and variance, whatever its
                tail
    hits        for a known chance h of any win, the likelihood ratio of another chance

Where a player chooses a target before each play, as in a crash game, the law of a spin is that of
its target: it wins the target with a chance of m ÷ target, or nothing. The bets on it are chosen
with the target known and the outcome not, so their product is an e-process all the same.

Each is a mixture over a fixed set of bets, so nobody has to say how large a drift would be. All is
decimal, rounded down: evidence is never overstated.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal
from fractions import Fraction

_DIGITS = Context(prec=18, rounding=ROUND_DOWN, Emax=10**15, Emin=-(10**15))
"""Eighteen digits; no run is long enough to leave this range of exponents."""

_UP = Context(prec=18, rounding=ROUND_UP, Emax=10**15, Emin=-(10**15))

DRIFTS = tuple(Fraction(1, part) for part in (200, 50, 16, 5, 2))
"""Drifts of the return, in stakes, that the bets are best for: from half a point to a half."""

CHANCES = tuple(Fraction(*pair) for pair in ((9, 10), (11, 10), (3, 4), (5, 4), (1, 2), (2, 1)))
"""Hit frequencies that the bets are best for, as multiples of the published one."""

SLACK = Fraction(1, 10**11)
"""Published variances have twelve digits; this part more covers the rest of them."""


class Wealth:
    """What a mixture of bets has come to. Every bet starts with the same part of 1."""

    __slots__ = ("_bets", "highest")

    def __init__(self, bets: int) -> None:
        self._bets = [_DIGITS.divide(Decimal(1), Decimal(bets))] * bets
        self.highest = Decimal(1)

    def take(self, factors: Sequence[Decimal]) -> None:
        """Multiply each bet by what a spin makes of it."""
        multiply, bets = _DIGITS.multiply, self._bets
        for at, factor in enumerate(factors):
            bets[at] = multiply(bets[at], factor)
        value = bets[0]
        for bet in bets[1:]:
            value = _DIGITS.add(value, bet)
        self.highest = max(value, self.highest)


class ReturnTest:
    """Evidence that the mean win is another than the published one.

    Without a variance, only of too much: a law of which nothing but the mean is known may always
    have its return in a win that has not come yet.
    """

    def __init__(self, mean: Fraction, variance: Fraction | None) -> None:
        self._mean = mean
        spread = variance or Fraction(1)
        self._up = sorted({min(drift / spread, 1 / (2 * mean)) for drift in DRIFTS})
        self._down: list[Fraction] = []
        if variance is not None:
            self._down = sorted({drift / spread for drift in DRIFTS if drift < mean})
            second = variance * (1 + SLACK) + mean**2
            self._norms = [1 - bet * mean + bet**2 * second / 2 for bet in self._down]
        self._known: dict[tuple[int, int], tuple[Decimal, ...]] = {}
        self.wealth = Wealth(len(self._up) + len(self._down))

    def take(self, stake: int, win: int) -> None:
        """One spin, in minor units; the stake is above zero."""
        factors = self._known.get((stake, win))
        if factors is None:
            factors = self._known[stake, win] = tuple(self._factors(Fraction(win, stake)))
        self.wealth.take(factors)

    def _factors(self, win: Fraction) -> Iterable[Decimal]:
        for bet in self._up:
            yield _down(1 + bet * (win - self._mean))
        for bet, norm in zip(self._down, self._norms if self._down else (), strict=True):
            # exp is rounded to the nearest, so it may be half a digit too high.
            power = _DIGITS.exp(_up(bet * win).copy_negate())
            yield _DIGITS.divide(_DIGITS.next_minus(power), _up(norm))


class HitTest:
    """Evidence that the chance of any win is another than the published one, which is in (0, 1)."""

    def __init__(self, chance: Fraction) -> None:
        others = sorted({part * chance for part in CHANCES if part * chance < 1})
        self._hit = tuple(_down(other / chance) for other in others)
        self._miss = tuple(_down((1 - other) / (1 - chance)) for other in others)
        self.wealth = Wealth(len(others))

    def take(self, stake: int, win: int) -> None:
        """One spin: did it win anything?"""
        self.wealth.take(self._hit if win else self._miss)


class AimedReturn:
    """The return of a game whose player chooses a target: too much or too little, by the law of
    each spin's own target. Of a spin whose target is not told, only too much."""

    def __init__(self, mean: Fraction) -> None:
        self._mean = mean
        self._known: dict[tuple[int, int, Fraction | None], tuple[Decimal, ...]] = {}
        self.wealth = Wealth(2 * len(DRIFTS))

    def take(self, stake: int, win: int, target: Fraction | None) -> None:
        """One spin, in minor units; the stake is above zero."""
        seen = stake, win, target
        factors = self._known.get(seen)
        if factors is None:
            factors = self._known[seen] = tuple(self._factors(Fraction(win, stake), target))
        self.wealth.take(factors)

    def _factors(self, win: Fraction, target: Fraction | None) -> Iterable[Decimal]:
        mean = self._mean
        aimed = target is not None and target > mean
        variance = mean * (target - mean) if aimed and target is not None else Fraction(1)
        for drift in DRIFTS:
            yield _down(1 + min(drift / variance, 1 / (2 * mean)) * (win - mean))
        for drift in DRIFTS:
            if not aimed or drift >= mean:
                yield Decimal(1)
                continue
            bet = drift / variance
            norm = 1 - bet * mean + bet**2 * (variance + mean**2) / 2
            power = _DIGITS.exp(_up(bet * win).copy_negate())
            yield _DIGITS.divide(_DIGITS.next_minus(power), _up(norm))


class AimedHits:
    """Whether targets are reached as often as the return says: m ÷ target. A spin whose target is
    not told is no evidence."""

    def __init__(self, mean: Fraction) -> None:
        self._mean = mean
        self._known: dict[tuple[bool, Fraction], tuple[Decimal, ...]] = {}
        self.wealth = Wealth(len(CHANCES))

    def take(self, win: int, target: Fraction | None) -> None:
        """One spin: did it win anything?"""
        if target is None or target <= self._mean:
            return
        seen = win > 0, target
        factors = self._known.get(seen)
        if factors is None:
            factors = self._known[seen] = tuple(self._factors(*seen))
        self.wealth.take(factors)

    def _factors(self, hit: bool, target: Fraction) -> Iterable[Decimal]:
        chance = self._mean / target
        for part in CHANCES:
            other = part * chance
            if other >= 1:
                yield Decimal(1)
            else:
                yield _down(other / chance if hit else (1 - other) / (1 - chance))


def needed(alpha: Fraction) -> Decimal:
    """The evidence that true mathematics ever reaches with a chance of at most alpha."""
    return _up(1 / alpha)


def _down(value: Fraction) -> Decimal:
    return _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def _up(value: Fraction) -> Decimal:
    return _UP.divide(Decimal(value.numerator), Decimal(value.denominator))
