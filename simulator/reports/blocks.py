"""The blocks of a report: what they count, by RGS-60 and RGS-64, in whole minor units.

    turnover         cash stakes of settled bets
    ggr              turnover − their wins; what a pool pays is no win of these
    bonus_cost       wins of free and bonus play
    jackpot_contrib  what settled spins owe to jackpot pools
    eligible_spins   settled cash spins at or above the contract's least stake

What is void or rolled back is in none of them. Tournament spins have aggregates of their own
(RGS-41); like free and bonus spins they are spins of `spins_total`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from simulator.base.money import scale_of
from simulator.reports.collect import Settled
from simulator.reports.periods import Period, find
from simulator.reports.terms import Contract


class Leaf(NamedTuple):
    """The finest part that is summed up; every row and every invoice line is a sum of leaves."""

    period: Period
    operator_id: str
    brand_id: str
    game_id: str
    currency: str


@dataclass(slots=True)
class Blocks:
    """Sums of what was settled."""

    spins_total: int = 0
    eligible_spins: int = 0
    free_spins: int = 0
    bonus_spins: int = 0
    turnover: int = 0
    wins: int = 0
    jackpot_contrib: int = 0
    bonus_cost: int = 0

    @property
    def ggr(self) -> int:
        """Turnover less its wins."""
        return self.turnover - self.wins

    def add(self, other: "Blocks") -> None:
        """Add another part's sums."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Entries:
    """The aggregates of a tournament (RGS-41): apart from the revenue blocks."""

    spins: int = 0
    staked: int = 0
    won: int = 0


def count(
    settled: Iterable[Settled], periods: Sequence[Period], contract: Contract
) -> tuple[dict[Leaf, Blocks], dict[tuple[Period, str, str], Entries]]:
    """The blocks of each leaf in these periods, and of each tournament and currency.

    Raises ConfigError where the contract has no least stake for a currency of play.
    """
    leaves: dict[Leaf, Blocks] = {}
    tournaments: dict[tuple[Period, str, str], Entries] = {}
    least = _Least(contract)
    for _, played, kind, contribution in settled:
        period = find(periods, played.at_ns)
        if period is None:
            continue
        leaf = Leaf(period, played.operator_id, played.brand_id, played.game_id, played.currency)
        blocks = leaves.setdefault(leaf, Blocks())
        blocks.spins_total += played.spins
        blocks.jackpot_contrib += contribution
        if kind == "cash":
            blocks.turnover += played.stake
            blocks.wins += played.win
            blocks.eligible_spins += played.spins and played.stake >= least.minor(played.currency)
        elif kind == "tournament":
            where = (period, played.tournament_id, played.currency)
            entries = tournaments.setdefault(where, Entries())
            entries.spins += played.spins
            entries.staked += played.stake
            entries.won += played.win
        else:
            blocks.bonus_cost += played.win
            blocks.free_spins += played.spins if kind == "free" else 0
            blocks.bonus_spins += played.spins if kind == "bonus" else 0
    return leaves, tournaments


def total(blocks: Iterable[Blocks]) -> Blocks:
    """The sum of some."""
    found = Blocks()
    for part in blocks:
        found.add(part)
    return found


class _Least:
    """The least stake of each currency in minor units; a part of one is rounded up by nobody: the
    stake is compared with the fraction itself."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._known: dict[str, Fraction] = {}

    def minor(self, currency: str) -> Fraction:
        if currency not in self._known:
            least = self._contract.least_stake(currency)
            self._known[currency] = least * 10 ** scale_of(currency)
        return self._known[currency]


Leaves = Mapping[Leaf, Blocks]
