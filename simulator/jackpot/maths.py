"""The published mathematics of a pool (JP-71): what it collects, what comes back, how often and how
soon, exactly.

The law is that of one bet of the same stake after each stretch of time, all of them eligible. A
pool grows by `stake × rate × current / weights` a bet; what the service carries, less than a minor
unit, makes a payout differ by less than one. Everything is a fraction; only a power that would have
more than 16 384 bits is cut, beyond its 200th binary digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from simulator.jackpot.terms import Terms

EXACT_BITS = 1 << 14
"""A power is computed whole as long as it has no more: each sum with it takes a greatest common
divisor, whose time grows by the square of the bits, from milliseconds to many seconds."""

_CUT = 256


@dataclass(frozen=True, slots=True)
class Law:
    """How a pool behaves in the long run, under one stake. Shares are parts of the stakes; `rounds`
    and `ms` are means from fall to fall. `returned = to_pool + seeding − overflow`."""

    collected: Fraction
    to_pool: Fraction
    to_reserve: Fraction
    to_seed: Fraction
    hit_rate: Fraction
    ms: Fraction
    payout: Fraction
    """The mean, in minor units."""
    seeding: Fraction
    """What a pool begins with: paid by the seed fund, and what that lacks by the operator."""
    overflow: Fraction
    returned: Fraction
    """The pool's part of the return to players."""

    @property
    def rounds(self) -> Fraction:
        """The mean number of bets of a cycle."""
        return 1 / self.hit_rate


@dataclass(frozen=True, slots=True)
class Cycle:
    """The means of one cycle: bets, their time, and how much of its growth had no room."""

    rounds: Fraction
    ms: Fraction
    overflow: Fraction


def law(terms: Terms, stake: int, each_ms: int, one_in: int | None = None) -> Law | None:
    """The law of a pool for bets of a stake (minor units, above nothing), one after each `each_ms`.

    None for a pool that falls by call where nobody says with which chance, `one_in`.
    """
    collected = Fraction(terms.rate.numerator, terms.rate.denominator)
    weights = terms.split
    to_pool, to_reserve, to_seed = (
        collected * Fraction(part, weights.whole)
        for part in (weights.current, weights.reserve, weights.seed)
    )
    cycle = _cycle(terms, stake, stake * to_pool, each_ms, one_in)
    if cycle is None:
        return None
    staked = stake * cycle.rounds
    payout = terms.seed_minor + staked * to_pool - cycle.overflow
    return Law(
        collected=collected,
        to_pool=to_pool,
        to_reserve=to_reserve,
        to_seed=to_seed,
        hit_rate=1 / cycle.rounds,
        ms=cycle.ms,
        payout=payout,
        seeding=terms.seed_minor / staked,
        overflow=cycle.overflow / staked,
        returned=payout / staked,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One level's part of all hits, and of all that they pay."""

    hits: Fraction
    payouts: Fraction


def distribution(laws: Sequence[Law]) -> list[Part]:
    """How hits and payouts are shared out between the levels that one bet feeds."""
    hits = sum((one.hit_rate for one in laws), Fraction(0))
    returned = sum((one.returned for one in laws), Fraction(0))
    return [Part(one.hit_rate / hits, one.returned / returned) for one in laws]


def power(base: Fraction, exponent: int) -> Fraction:
    """A power of a fraction between nothing and one, exact or less than 2^-200 too small."""
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if exponent * bits <= EXACT_BITS:
        return Fraction(base.numerator**exponent, base.denominator**exponent)
    found, square = 1 << _CUT, (base.numerator << _CUT) // base.denominator
    while exponent:
        if exponent & 1:
            found = found * square >> _CUT
        square = square * square >> _CUT
        exponent >>= 1
    return Fraction(found, 1 << _CUT)


def floor_sum(count: int, step: int, start: int, divisor: int) -> int:
    """The sum of `(step × i + start) // divisor` for i from 0 below `count`, in as many steps as
    Euclid's algorithm takes; all of them at least 0, `divisor` above."""
    found = 0
    while True:
        found += count * (count - 1) // 2 * (step // divisor) + count * (start // divisor)
        step, start = step % divisor, start % divisor
        last = step * count + start
        if last < divisor:
            return found
        count, start = divmod(last, divisor)
        step, divisor = divisor, step


def ceil_mean(low: int, high: int, unit: Fraction) -> Fraction:
    """The mean of `ceil(i / unit)` for i evenly from `low` to `high`, both included."""
    count = high - low + 1
    # ceil(i × d / n) = (i × d + n - 1) // n
    step, divisor = unit.denominator, unit.numerator
    return Fraction(floor_sum(count, step, low * step + divisor - 1, divisor), count)


# ------------------------------------------------------------------------------------------------


def _cycle(
    terms: Terms, stake: int, growth: Fraction, each_ms: int, one_in: int | None
) -> Cycle | None:
    falls = terms.trigger
    chance = terms.chance_of(stake)
    if falls.by == "call" and one_in is not None:
        chance = Fraction(1, one_in)
    if falls.by in ("call", "chance"):
        return _by_chance(terms, chance, growth, each_ms) if chance else None
    if falls.by == "amount" and falls.min is not None and falls.max is not None:
        return _by_amount(terms, (terms.minor(falls.min), terms.minor(falls.max)), growth, each_ms)
    if falls.by == "schedule" and falls.open_s is not None:
        every_s = falls.every_s or falls.open_s
        return _by_schedule(terms, (falls.open_s * 1000, every_s * 1000), growth, each_ms)
    if falls.earliest_s is None or falls.latest_s is None:
        raise RuntimeError(f"pool {terms.pool_id} falls by {falls.by}, and does not say when")
    return _by_time(terms, (falls.earliest_s * 1000, falls.latest_s * 1000), growth, each_ms)


def _by_chance(terms: Terms, chance: Fraction, growth: Fraction, each_ms: int) -> Cycle:
    """Bets until the first hit are geometric. Of the k-th bet's growth what is above the cap has no
    room, and there is a k-th bet with the chance `(1 - chance)^(k-1)`."""
    rounds = 1 / chance
    overflow = Fraction(0)
    cap = terms.cap_minor
    if cap is not None and growth:
        room = cap - terms.seed_minor
        whole = room // growth  # bets that have room for all they bring
        after = power(1 - chance, whole)
        partly = (whole + 1) * growth - room
        overflow = after * partly + after * (1 - chance) * growth * rounds
    return Cycle(rounds, rounds * each_ms, overflow)


def _by_amount(terms: Terms, within: tuple[int, int], growth: Fraction, each_ms: int) -> Cycle:
    """The first bet that brings the pool to its point; the point is even on a range of minor units
    that ends at the cap."""
    low, high = (end - terms.seed_minor for end in within)
    if not growth:
        raise ValueError(f"pool {terms.pool_id} never grows to its point")
    rounds = ceil_mean(low, high, growth)
    most = -(-high // growth)
    last = high - max(low - 1, (most - 1) * growth // 1)  # points that only the last bet reaches
    overflow = Fraction(last, high - low + 1) * (most * growth - high)
    return Cycle(rounds, rounds * each_ms, overflow)


def _by_time(terms: Terms, within: tuple[int, int], growth: Fraction, each_ms: int) -> Cycle:
    """The first bet after a moment that is even on a range of milliseconds; where none comes before
    the deadline, the draw at the deadline. It begins anew with each fall."""
    early, late = within
    count = late - early + 1
    bets = (late - 1) // each_ms  # that come before the deadline
    if not bets:
        raise ValueError(f"no bet comes within the {late} ms of pool {terms.pool_id}")
    reached = max(early - 1, min(late, bets * each_ms))  # the last moment that a bet comes after
    met = reached - early + 1
    mean = ceil_mean(early, reached, Fraction(each_ms)) if met else Fraction(0)
    drawn = count - met
    rounds = (mean * met + bets * drawn) / count
    ms = (mean * met * each_ms + late * drawn) / count
    cap = terms.cap_minor
    if cap is None:
        return Cycle(rounds, ms, Fraction(0))
    return Cycle(rounds, ms, _above(terms, cap, within, growth, each_ms))


def _by_schedule(terms: Terms, lasts: tuple[int, int], growth: Fraction, each_ms: int) -> Cycle:
    """Every bet that comes while the event is on; then it is drawn."""
    open_ms, every_ms = lasts
    bets = (open_ms - 1) // each_ms
    if not bets:
        raise ValueError(f"no bet comes within the {open_ms} ms of pool {terms.pool_id}")
    cap = terms.cap_minor
    overflow = Fraction(0) if cap is None else bets * growth - (cap - terms.seed_minor)
    return Cycle(Fraction(bets), Fraction(every_ms), max(Fraction(0), overflow))


def _above(
    terms: Terms, cap: int, within: tuple[int, int], growth: Fraction, each_ms: int
) -> Fraction:
    """The mean growth above the cap of a pool that falls by time, by how many bets it takes."""
    early, late = within
    room, bets = cap - terms.seed_minor, (late - 1) // each_ms
    whole = room // growth  # bets that have room
    if bets <= whole:
        return Fraction(0)
    # Moments after which bet k is the first one: each_ms of them, fewer at both ends.
    first = max(whole + 1, -(-early // each_ms))
    starts = max(early, (first - 1) * each_ms + 1)
    reached = min(late, bets * each_ms)
    met = max(0, reached - starts + 1)
    mean = ceil_mean(starts, reached, Fraction(each_ms)) if met else Fraction(0)
    drawn = late - max(reached, early - 1)
    count = late - early + 1
    return (met * (mean * growth - room) + drawn * (bets * growth - room)) / count
