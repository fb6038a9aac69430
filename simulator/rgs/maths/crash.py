"""A crash game: a multiplier climbs until it crashes; who cashed out before wins it (RGS-13).

The crash point is `return / U`, rounded down to a hundredth, with U uniform in (0, 1]. So the
chance to reach a target t is return ÷ t, and the return is the same at every target. U is drawn in
blocks of 64 bits, and more of them only where they could still change the hundredth: the point is
exact, not a float's.
"""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from simulator.base.errors import ValidationFailed
from simulator.rgs.maths.game import Chance, Choice, Dice, Game, Json
from simulator.rgs.maths.stats import Stats, of

HUNDREDTHS = 100
"""A target of 2.50 is 250 of these, and a play costs as many coins: every win is a whole number."""

_BLOCK = 1 << 64


class CrashGame(Game):
    """One target a play, chosen before."""

    def __init__(self, data: Json) -> None:
        super().__init__(data)
        self.lowest: int = data["targets"]["min"]
        self.highest: int = data["targets"]["max"]

    def rtp(self, profile: str, mode: str) -> Fraction:
        """The profile's own return, at every target."""
        return Fraction(self.profiles[profile].rtp_percent, 100)

    def stats(self, profile: str, mode: str, choice: Choice | None = None) -> Stats:
        """The law of a play with a target: it wins that, or nothing."""
        target = self.target(choice)
        chance = self.rtp(profile, mode) * HUNDREDTHS / target
        weights = {target: chance.numerator, 0: chance.denominator - chance.numerator}
        return of(weights)

    def target(self, choice: Choice | None) -> int:
        """The chosen target in hundredths. Raises ValidationFailed for none or one that is not on
        the game's scale.
        """
        target = None if choice is None else choice.target
        low, high = (Decimal(n) / HUNDREDTHS for n in (self.lowest, self.highest))
        if (
            target is None
            or not target.is_finite()
            or not low <= target <= high
            or target * HUNDREDTHS % 1
        ):
            said = "none was given" if target is None else f"{str(target)[:40]} is none"
            raise ValidationFailed(
                f"{self.game_id}: a target is {low}..{high} in steps of 0.01; {said}",
                details={"target": None if target is None else str(target)[:40]},
            )
        return int(target * HUNDREDTHS)

    def _play(
        self, profile: str, mode: str, dice: Dice, choice: Choice | None
    ) -> tuple[int, Any, list[Json], list[Json]]:
        target = self.target(choice)
        crash = crash_point(self.rtp(profile, mode), self.highest, dice)
        coins = target if crash >= target else 0
        point = f"{crash // HUNDREDTHS}.{crash % HUNDREDTHS:02}"
        aim = f"{target // HUNDREDTHS}.{target % HUNDREDTHS:02}"
        step = {"type": "crash", "crash": point, "target": aim, "coins": coins}
        return coins, {"crash": point}, [], [step]


def crash_point(share: Fraction, highest: int, dice: Chance) -> int:
    """A crash point in hundredths, from 100 (at once) to `highest`; P(point ≥ t) = share × 100 ÷ t.

    U is known to lie in (drawn, drawn + 1] ÷ size; while its two ends give different points, more
    bits are drawn. The lower end is open, so a whole number there is not reached any more.
    """
    drawn, size = 0, 1
    while True:
        drawn, size = drawn * _BLOCK + dice.below(_BLOCK), size * _BLOCK
        top = share * HUNDREDTHS * size
        least = _capped(floor(top / (drawn + 1)), highest)
        most = highest if drawn == 0 else _capped(ceil(top / drawn) - 1, highest)
        if least == most:
            return least


def _capped(point: int, highest: int) -> int:
    return max(HUNDREDTHS, min(highest, point))
