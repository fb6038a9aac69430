"""The published formula."""

from fractions import Fraction
from typing import Any

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot
from simulator.certify.roles.pools import minor_of


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.of_trigger("chance")
    published, terms = _odds(pool.shown.get("odds")), await jackpot.terms(pool)
    jackpot.require(published, f"a pool that falls by chance publishes its odds: {pool.shown}")
    unit = minor_of(pool.shown.get("odds_per_stake"), 0)
    player = await jackpot.player(currency=pool.currency)
    least = max(terms.least, unit, 100)
    for stake in (least, min(terms.most, least * 3)):
        exact = published * Fraction(stake, unit) if unit else published
        done = jackpot.accepted(await jackpot.send(jackpot.candidate_ask(pool, player, stake)))
        if done.at("odds") is None:
            raise Unclear(f"the odds of a bet are not told: {done}")
        jackpot.require(
            _odds(done.at("odds")) == min(exact, Fraction(1)),
            f"the odds of {pool.money(stake)} are {min(exact, Fraction(1))}, and {done}",
        )


def _odds(said: Any) -> Fraction:
    """A fraction as the wire has it; 0 where there is none."""
    if not isinstance(said, dict) or not said.get("denominator"):
        return Fraction(0)
    return Fraction(int(said.get("numerator") or 0), int(said["denominator"]))


CHECK = Check(
    id="jackpot.candidate.odds",
    rules=("JP-30", "JP-11"),
    category=Category.HAPPY_PATH,
    about="A bet's odds are the published ones, in proportion to its stake where they are.",
    blind="Whether the draws keep to them.",
    drive=_drive,
)
