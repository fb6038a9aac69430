"""What is played, drawn from the seed for each round by itself: in any order, the same rounds."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from simulator.base.rng import Rng


@dataclass(frozen=True, slots=True)
class Purse:
    """A funded player of the test world; stakes are 1 to 20 times `unit_minor`.

    A unit is a ten-thousandth of the purse, so that a thousand rounds cannot empty it.
    """

    player_id: str
    currency: str
    unit_minor: int


PURSES = (
    Purse("p_19f3", "EUR", 10),
    Purse("p_usd", "USD", 10),
    Purse("p_jpy", "JPY", 10),
    Purse("p_kwd", "KWD", 100),
)

TOP_UNITS = 20
"""The highest stake, in units."""

SECOND_BET = Fraction(1, 5)
TOMBSTONE = Fraction(1, 25)
ROLLBACK = Fraction(2, 25)
WIN = Fraction(38, 100)
"""Wins pay 1 to 4 stakes, 2.5 on average: 95 % comes back to the player."""
REPEAT = Fraction(1, 10)
"""Chance of each call to be repeated with its key after its answer."""


class Fate(Enum):
    """What becomes of a bet."""

    SETTLE = "settle"
    ROLL_BACK = "roll back"
    TOMBSTONE = "tombstone"
    """Rolled back before it is sent; then the late bet has to be refused (WAL-42)."""


@dataclass(frozen=True, slots=True)
class PlannedBet:
    """One bet and its whole life. Keys follow from the bet's id."""

    bet_id: str
    round_id: str
    purse: Purse
    stake_minor: int
    fate: Fate
    win_minor: int
    repeats: frozenset[str]
    """The operations to repeat: `authorize`, `settle`, `rollback`."""


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """One round of one player."""

    round_id: str
    purse: Purse
    bets: tuple[PlannedBet, ...]


def plan_round(rng: Rng, run: str, number: int) -> PlannedRound:
    """Round `number` under this seed; `run` keeps the ids of two runs apart, and draws nothing."""
    purse = PURSES[rng.below(len(PURSES), "purse", number)]
    round_id = f"r_{run}_{number}"
    count = 2 if rng.strikes(SECOND_BET, "second bet", number) else 1
    bets = tuple(_plan_bet(rng, run, number, n, purse, round_id) for n in range(1, count + 1))
    return PlannedRound(round_id, purse, bets)


def _plan_bet(rng: Rng, run: str, number: int, n: int, purse: Purse, round_id: str) -> PlannedBet:
    where = (number, n)
    stake = purse.unit_minor * (1 + rng.below(TOP_UNITS, "stake", *where))
    won = rng.strikes(WIN, "win", *where)
    if rng.strikes(TOMBSTONE, "tombstone", *where):
        fate = Fate.TOMBSTONE
    elif rng.strikes(ROLLBACK, "rollback", *where):
        fate = Fate.ROLL_BACK
    else:
        fate = Fate.SETTLE
    return PlannedBet(
        bet_id=f"b_{run}_{number}_{n}",
        round_id=round_id,
        purse=purse,
        stake_minor=stake,
        fate=fate,
        win_minor=stake * (1 + rng.below(4, "times", *where)) if won else 0,
        repeats=frozenset(
            name
            for name in ("authorize", "settle", "rollback")
            if rng.strikes(REPEAT, "repeat", name, *where)
        ),
    )
