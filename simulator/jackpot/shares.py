"""A contribution in whole minor units: what is less than one is carried, and nothing is lost.

taken × denominator + carried = stakes × numerator           (WAL-91)
reserve part × weights + carried = taken × reserve's weight   and the same of the seed fund
"""

from dataclasses import dataclass

from simulator.jackpot.terms import Terms


@dataclass(frozen=True, slots=True)
class Carried:
    """What is carried from contribution to contribution: `rate` in minor units of a denominator,
    the others in those of the split's weights."""

    rate: int = 0
    reserve: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Shares:
    """One contribution, shared out. The four parts are the amount; in minor units."""

    amount: int
    current: int
    reserve: int
    seed: int
    overflow: int
    carried: Carried


def share(terms: Terms, stake: int, size: int, carried: Carried) -> Shares:
    """What a stake contributes to a pool of this size, and where it goes (JP-10, JP-34, WAL-92).

    Each part is at most what is left of the amount, so none is ever below nothing.
    """
    amount, rate = divmod(stake * terms.rate.numerator + carried.rate, terms.rate.denominator)
    whole = terms.split.whole
    reserve, reserve_left = divmod(amount * terms.split.reserve + carried.reserve, whole)
    seed_due = amount * terms.split.seed + carried.seed
    seed = min(amount - reserve, seed_due // whole)
    current = amount - reserve - seed
    cap = terms.cap_minor
    overflow = 0 if cap is None else max(0, size + current - cap)
    return Shares(
        amount=amount,
        current=current - overflow,
        reserve=reserve,
        seed=seed,
        overflow=overflow,
        carried=Carried(rate, reserve_left, seed_due - seed * whole),
    )
