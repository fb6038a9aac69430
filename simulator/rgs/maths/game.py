"""What a game is to the party that offers it: data with a hash, modes, limits and one `play`.

Money inside a game is counted in coins. A mode costs a whole number of coins, wins are whole coins,
and a stake has to be a multiple of the mode's cost: so one coin is a whole number of minor units
and every win is an exact amount, without rounding.
"""

import difflib
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

import msgspec

from simulator.base.errors import ValidationFailed
from simulator.rgs.maths.stats import Stats

ENGINE_VERSION = "1"
"""Changes whenever the same data and dice could give another outcome; part of every hash."""

RTP_FLOOR, RTP_CEILING = Fraction(75, 100), Fraction(1)
"""What the long run may pay back, in each profile and mode (issue of the studio, part 4)."""

Json = dict[str, Any]


class Chance(Protocol):
    """Where chance comes from."""

    def below(self, bound: int) -> int:
        """An unbiased whole number in [0, bound)."""


class Dice(Chance, Protocol):
    """What a game is played with: `simulator.rgs.drbg.SpinDice`, or whatever a test hands in."""

    @property
    def draws(self) -> int:
        """Numbers handed out so far."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the player chose: the multiplier to cash out at, in a crash game."""

    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Stakes of one mode, in minor units: from the least to the largest, in steps."""

    min_minor: int
    max_minor: int
    step_minor: int

    def allows(self, stake_minor: int) -> bool:
        """True for a stake whose every win is an exact amount."""
        within = self.min_minor <= stake_minor <= self.max_minor
        return within and stake_minor % self.step_minor == 0


@dataclass(frozen=True, slots=True)
class RtpProfile:
    """One certified setting of a game's odds; nothing else ever changes them (RGS-10, RGS-14)."""

    name: str
    rtp_percent: int
    """The nominal return of the base mode; the exact one is within half a point of it."""
    jackpot_share: Fraction = Fraction(0)
    """Part of each stake that goes to jackpot pools and comes back from there."""


class Outcome(msgspec.Struct, frozen=True):
    """One finished play: all that was drawn, and what it pays."""

    stake_minor: int
    win_minor: int
    symbols: Any
    features: list[Json]
    steps: list[Json]
    draws: int

    @property
    def multiplier(self) -> Fraction:
        """Win ÷ stake."""
        return Fraction(self.win_minor, self.stake_minor)


class Game(ABC):
    """A game of the catalogue, read from data that was checked before.

    `data_hash` is SHA-256 over the canonical data and the engine's version: the build hash of the
    global build (RGS-20). `canonical` is kept with old spins: `catalogue.read_canonical` makes this
    very game of it again, so that they can be replayed after the data changed (RGS-11).
    """

    def __init__(self, data: Json) -> None:
        self.data = data
        self.game_id: str = data["game_id"]
        self.title: str = data["title"]
        self.kind: str = data["kind"]
        self.mechanics_version = f"{data['version']}+engine.{ENGINE_VERSION}"
        self.canonical = canonical({"engine": ENGINE_VERSION, "game": data})
        self.data_hash = "sha256:" + hashlib.sha256(self.canonical).hexdigest()
        self.profiles: Mapping[str, RtpProfile] = {
            name: RtpProfile(
                name, part["rtp_percent"], Fraction(part.get("jackpot_permille", 0), 1000)
            )
            for name, part in data["profiles"].items()
        }
        coins = data["coins"]
        self._costs: dict[str, int] = {name: m["cost"] for name, m in data["modes"].items()}
        self.modes: tuple[str, ...] = tuple(self._costs)
        self._limits = {
            name: Limits(cost * coins["min"], cost * coins["max"], cost)
            for name, cost in self._costs.items()
        }

    def cost(self, mode: str) -> int:
        """Coins that one play of a mode costs."""
        return self._costs[require("mode", mode, self.modes)]

    def limits(self, mode: str = "base") -> Limits:
        """The stakes of a mode. Market builds narrow them, never widen (RGS-21)."""
        return self._limits[require("mode", mode, self._limits)]

    def default_profile(self) -> str:
        """The profile with the highest return."""
        return max(self.profiles.values(), key=lambda profile: profile.rtp_percent).name

    def play(
        self,
        profile: str,
        mode: str,
        stake_minor: int,
        dice: Dice,
        choice: Choice | None = None,
    ) -> Outcome:
        """One play, from the dice alone: the same dice give the same outcome (RGS-10, RGS-12).

        `stake_minor` is all that is charged, in an ante or a buy too. Raises ValidationFailed for
        an unknown profile or mode, a stake outside the mode's limits and a choice that is none.
        """
        require("profile", profile, self.profiles)
        limits = self.limits(mode)
        if not limits.allows(stake_minor):
            raise ValidationFailed(
                f"{self.game_id} {mode}: a stake of {stake_minor} minor units is not within "
                f"{limits.min_minor}..{limits.max_minor} in steps of {limits.step_minor}",
                details={"min": limits.min_minor, "max": limits.max_minor},
            )
        before = dice.draws
        coins, symbols, features, steps = self._play(profile, mode, dice, choice)
        coin_minor = stake_minor // limits.step_minor
        return Outcome(
            stake_minor=stake_minor,
            win_minor=coins * coin_minor,
            symbols=symbols,
            features=features,
            steps=steps,
            draws=dice.draws - before,
        )

    @abstractmethod
    def _play(
        self, profile: str, mode: str, dice: Dice, choice: Choice | None
    ) -> tuple[int, Any, list[Json], list[Json]]:
        """Coins won, symbols shown, features and steps of one play."""

    @abstractmethod
    def rtp(self, profile: str, mode: str) -> Fraction:
        """The exact theoretical return of one play, jackpots apart (RGS-13)."""

    @abstractmethod
    def stats(self, profile: str, mode: str, choice: Choice | None = None) -> Stats:
        """The exact law of the coins won in one play."""


def canonical(value: Any) -> bytes:
    """One text for one value: sorted keys, no spaces, UTF-8. Raises TypeError for a float."""
    _refuse_floats(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def require(what: str, value: str, choices: Collection[str]) -> str:
    """The value, if it is among the choices; else ValidationFailed with them and the nearest."""
    if value in choices:
        return value
    known = tuple(choices)
    near = difflib.get_close_matches(value, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValidationFailed(
        f"{what} {value[:80]!r} is not {', '.join(map(repr, known))}{hint}",
        details={what: value[:80], "choices": list(known)},
    )


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value} is a float; game data has whole numbers and text only")
    if isinstance(value, dict):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list):
        for part in value:
            _refuse_floats(part)
