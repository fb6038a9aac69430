"""What is promised is what is taken."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.drive import Done
from simulator.certify.money import write
from simulator.certify.roles.jackpot import Jackpot
from simulator.certify.roles.pools import Pool, minor_of

STAKE = 1_000
"""Minor units that are asked about, where the terms allow them."""

CLOSE = 10**9
"""A number that is not told exactly is good to one part in so many."""


async def _drive(jackpot: Jackpot) -> None:
    played = await jackpot.by_call()
    for pool in await jackpot.pools():
        if pool.rate is None:
            continue
        terms = await jackpot.terms(pool)
        stake = min(max(terms.least, STAKE), terms.most)
        amount = write(stake, pool.currency, "decimal_string")
        path = f"/v1/jp/pools/{pool.id}/math?stake={amount}"
        done = jackpot.given(await jackpot.send(jackpot.ask("GET", path)))
        await _agrees(jackpot, pool, done)
        _falls(jackpot, pool, done, stake)
    part, player = await jackpot.part(played), await jackpot.player(currency=played.currency)
    done = jackpot.given(await jackpot.send(jackpot.contribute_ask(played, player, part.stake)))
    path = f"/v1/jp/pools/{played.id}/math"
    shown = jackpot.given(await jackpot.send(jackpot.ask("GET", path)))
    collected, found = _number(shown, "collected"), jackpot.minor(done, "contribution")
    jackpot.require(
        _same(collected * part.stake, Fraction(found)),
        f"of {played.money(part.stake)} it says to collect {collected}, and {done}",
    )


async def _agrees(jackpot: Jackpot, pool: Pool, done: Done) -> None:
    """Judge where the stakes go to: by the rate and the split of the terms in force."""
    collected = _number(done, "collected")
    jackpot.require(_same(collected, pool.rate or Fraction(0)), f"it collects {pool.rate}: {done}")
    parts = [_number(done, name) for name in ("to_pool", "to_reserve", "to_seed")]
    jackpot.require(_same(sum(parts, Fraction(0)), collected), f"its parts are the whole: {done}")
    split = (await jackpot.terms(pool)).shown.get("split")
    if isinstance(split, Mapping):
        whole = sum(int(one) for one in split.values())
        wanted = [collected * int(split[name]) / whole for name in ("current", "reserve", "seed")]
        jackpot.require(
            all(map(_same, parts, wanted)), f"it is shared out by {dict(split)}, and {done}"
        )


def _falls(jackpot: Jackpot, pool: Pool, done: Done, stake: int) -> None:
    """Judge how often it falls, and what comes back, as far as it is told."""
    hit_rate, rounds = _number(done, "hit_rate"), _number(done, "rounds")
    if hit_rate and rounds:
        jackpot.require(_same(hit_rate * rounds, Fraction(1)), f"a fall in so many bets: {done}")
    odds, unit = pool.shown.get("odds"), minor_of(pool.shown.get("odds_per_stake"), 0)
    if hit_rate and pool.trigger == "chance" and isinstance(odds, Mapping):
        wanted = Fraction(int(odds["numerator"]), int(odds["denominator"]))
        wanted = min(Fraction(1), wanted * Fraction(stake, unit) if unit else wanted)
        jackpot.require(_same(hit_rate, wanted), f"a bet falls with {wanted}, and {done}")
    told = [done.at(name) for name in ("returned", "seeding", "overflow")]
    if None not in told:
        returned, seeding, overflow = (
            _number(done, n) for n in ("returned", "seeding", "overflow")
        )
        jackpot.require(
            _same(returned, _number(done, "to_pool") + seeding - overflow),
            f"what comes back is what goes in, with the seeds and without the excess: {done}",
        )


def _number(done: Done, name: str) -> Fraction:
    """Exactly where it is told so; 0 where it is not told. Raises Unclear."""
    found = done.at(name)
    if found is None:
        return Fraction(0)
    try:
        said: Any = found.get("exact") or found["value"] if isinstance(found, Mapping) else found
        return Fraction(said)
    except (TypeError, ValueError, LookupError, ZeroDivisionError):
        raise Unclear(f"{name} is no number: {done}") from None


def _same(one: Fraction, other: Fraction) -> bool:
    return abs(one - other) * CLOSE <= max(abs(one), abs(other))


CHECK = Check(
    id="jackpot.math.published",
    rules=(
        "JP-30",
        "JP-34",
        "JP-71",
    ),
    category=Category.HAPPY_PATH,
    about="The published mathematics of a pool agrees with its rate, its split, its odds and with "
    "what is taken of a bet, and with itself.",
    blind="how often the pool really falls",
    drive=_drive,
)
