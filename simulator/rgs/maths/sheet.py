"""A mathematics sheet: the exact law of one profile and mode, to be published (RGS-13).

Fractions become decimals only here, with 12 digits; `rtp_exact` keeps the fraction itself.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from simulator.base.exact import DIGITS, number
from simulator.rgs.maths.game import Choice, Game
from simulator.rgs.maths.stats import Stats

Z_90 = Decimal("1.6448536269514722")
"""Two-sided 90 % of the normal law: the volatility index is this many standard deviations."""

Z_999 = Decimal("3.2905267314918945")
"""Two-sided 99.9 % of the normal law."""


def sheet(game: Game, profile: str, mode: str, choice: Choice | None = None) -> dict[str, Any]:
    """The published numbers of one profile and mode. Wins are in stakes; odds are "1 in"."""
    law = game.stats(profile, mode, choice)
    cost = game.cost(mode)
    deviation = root(law.variance / cost**2)
    share = game.profiles[profile].jackpot_share
    target = {} if choice is None else {"target": choice.target}
    return {
        "game_id": game.game_id,
        "title": game.title,
        "kind": game.kind,
        "mechanics_version": game.mechanics_version,
        "build_hash": game.data_hash,
        "profile": profile,
        "mode": mode,
        **target,
        "cost_coins": cost,
        "rtp": number(law.mean / cost),
        "rtp_exact": str(law.mean / cost),
        "jackpot_share": number(share),
        "rtp_with_jackpot": number(law.mean / cost + share),
        "hit_frequency": number(1 - law.nothing),
        "variance": number(law.variance / cost**2),
        "standard_deviation": deviation,
        "volatility_index": DIGITS.multiply(deviation, Z_90),
        "max_win": number(Fraction(law.most, cost)),
        "max_win_odds": number(1 / law.most_chance),
    }


def interval(mean: Fraction, variance: Fraction, plays: int) -> tuple[Decimal, Decimal]:
    """Where the mean of so many plays lies in 999 of 1 000 cases, by the central limit."""
    half = DIGITS.multiply(root(variance / plays), Z_999)
    middle = number(mean)
    return DIGITS.subtract(middle, half), DIGITS.add(middle, half)


def exact_interval(law: Stats, cost: int, plays: int) -> tuple[Decimal, Decimal]:
    """The same for the exact law of a play, in stakes."""
    return interval(law.mean / cost, law.variance / cost**2, plays)


def root(value: Fraction) -> Decimal:
    """A square root with 12 digits."""
    return DIGITS.sqrt(number(value))
