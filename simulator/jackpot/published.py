"""A pool's mathematics as it is published: of the terms in force, to its members (JP-71)."""

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from simulator.base.exact import number
from simulator.base.money import MoneyError, from_minor
from simulator.jackpot import falls, maths
from simulator.jackpot import terms as t
from simulator.jackpot.access import as_member
from simulator.jackpot.rows import MemberRow, PoolRow
from simulator.store.tx import Query, Reads
from simulator.wire import jackpot_pools as p
from simulator.wire.messages import Money, invalid

LONGEST_EXACT = 60
"""Digits of a fraction that somebody may want to read."""

_LEVELS = 100


def read_math(tx: Reads, ask: p.ReadMath) -> p.PoolMath:
    """The mathematics of one pool and of the levels beside it. Raises NotFound, and
    ValidationFailed for a stake that cannot win, or bets too rare to be counted."""
    pool, terms = as_member(tx, tx.get(PoolRow, (ask.pool_id,)), ask.pool_id)
    levels = {pool.pool_id: terms}
    if terms.group is not None:
        where = (
            ("brand", "=", tx.caller.brand),
            ("region", "=", tx.caller.region),
            ("grouped", "=", terms.group),
        )
        rows = tx.page(Query(MemberRow, where), None, _LEVELS)
        names = [row.pool_id for row in rows if isinstance(row, MemberRow)]
        levels = {name: as_member(tx, tx.get(PoolRow, (name,)), name)[1] for name in names}
    return publish(terms, pool.version, ask, levels.values())


def publish(
    terms: t.Terms, version: int, ask: p.ReadMath, levels: Collection[t.Terms]
) -> p.PoolMath:
    """The mathematics of terms, among those of the levels that the same bet feeds."""
    stake = _stake(terms, ask)
    try:
        law = maths.law(terms, stake, ask.each_ms, ask.one_in)
        beside = {
            one.pool_id: maths.law(one, stake, ask.each_ms, ask.one_in)
            for one in levels
            if one.currency == terms.currency and falls.stake_counts(one, stake)
        }
    except ValueError as never:
        raise invalid("each_ms", str(never)) from None
    rate = Fraction(terms.rate.numerator, terms.rate.denominator)
    weights = terms.split
    shown = p.PoolMath(
        pool_id=terms.pool_id,
        version=version,
        level=terms.level,
        trigger=terms.trigger.by,
        stake=Money.of(stake, terms.currency),
        each_ms=ask.each_ms,
        collected=_exact(rate),
        to_pool=_exact(rate * Fraction(weights.current, weights.whole)),
        to_reserve=_exact(rate * Fraction(weights.reserve, weights.whole)),
        to_seed=_exact(rate * Fraction(weights.seed, weights.whole)),
    )
    if law is None:
        return shown
    unit = Fraction(from_minor(1, terms.currency))
    known = {name: one for name, one in beside.items() if one is not None}
    parts = zip(known, maths.distribution(list(known.values())), strict=True)
    level_of = {one.pool_id: one.level for one in levels}
    return replace(
        shown,
        hit_rate=_exact(law.hit_rate),
        rounds=_exact(law.rounds),
        time_to_drop_s=_exact(law.ms / 1000),
        payout=_exact(law.payout * unit),
        seeding=_exact(law.seeding),
        overflow=_exact(law.overflow),
        returned=_exact(law.returned),
        levels=[
            p.LevelPart(
                pool_id=name,
                level=level_of[name],
                hits=_exact(part.hits),
                payouts=_exact(part.payouts),
            )
            for name, part in parts
        ],
    )


def _stake(terms: t.Terms, ask: p.ReadMath) -> int:
    """In minor units: what is asked for, else one unit or the least that counts."""
    try:
        least = 1 if terms.min_stake is None else max(Decimal(1), terms.min_stake)
        stake = terms.minor(Decimal(least) if ask.stake is None else ask.stake)
    except MoneyError as wrong:
        raise invalid("stake", str(wrong)) from None
    if not falls.stake_counts(terms, stake):
        raise invalid(
            "stake",
            f"cannot win pool {terms.pool_id}: {terms.min_stake} to "
            f"{terms.max_stake} {terms.currency} counts",
        )
    return stake


def _exact(value: Fraction) -> p.Exact:
    short = value.denominator.bit_length() + value.numerator.bit_length() < 3 * LONGEST_EXACT
    return p.Exact(value=number(value), exact=str(value) if short else None)
