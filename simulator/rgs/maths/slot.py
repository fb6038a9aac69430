"""A slot, played one spin at a time: reels stop, windows pay, features follow (RGS-03, RGS-13).

Features are triggered by the spin that was paid for; a free spin only adds to its own feature, and
a respin triggers nothing. That keeps the exact mathematics short; the game's rules say so.
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate
from typing import Any

from simulator.base.errors import ValidationFailed
from simulator.rgs.maths.exact import Laws
from simulator.rgs.maths.game import Choice, Dice, Game, Json, require
from simulator.rgs.maths.mean import mean_coins
from simulator.rgs.maths.paying import count, wins
from simulator.rgs.maths.reels import Window
from simulator.rgs.maths.rules import FreeSpins, Pick, Respins, read_rules
from simulator.rgs.maths.stats import Stats


class SlotGame(Game):
    """Reels, by lines or ways, with free spins, respins and picks."""

    def __init__(self, data: Json) -> None:
        super().__init__(data)
        self.rules = read_rules(data)
        self.laws = Laws(self.rules)
        self._rtp: dict[tuple[str, str], Fraction] = {}

    def rtp(self, profile: str, mode: str) -> Fraction:
        """By linearity of the mean, from the strips alone; `exact` finds the same another way."""
        key = (profile, mode)
        if key not in self._rtp:
            self._rtp[key] = mean_coins(self.rules, profile, mode) / self.cost(mode)
        return self._rtp[key]

    def stats(self, profile: str, mode: str, choice: Choice | None = None) -> Stats:
        """From the joint law of all reels: some tenths of a second for each set of them."""
        require("profile", profile, self.profiles)
        require("mode", mode, self.modes)
        return self.laws.play(profile, mode)

    def _play(
        self, profile: str, mode: str, dice: Dice, choice: Choice | None
    ) -> tuple[int, Any, list[Json], list[Json]]:
        if choice is not None and choice.target is not None:
            raise ValidationFailed(f"{self.game_id} is a slot: it has no target to choose")
        play = _Play(self, profile, dice)
        play.run(mode)
        return play.coins, play.symbols, play.features, play.steps


class _Play:
    """One play while it happens."""

    def __init__(self, game: SlotGame, profile: str, dice: Dice) -> None:
        self._rules = game.rules
        self._profile = profile
        self._dice = dice
        self.coins = 0
        self.symbols: list[list[str]] = []
        self.features: list[Json] = []
        self.steps: list[Json] = []

    def run(self, mode_name: str) -> None:
        """The paid spin and the features it triggers, or the feature that was bought."""
        mode = self._rules.modes[mode_name]
        if mode.reels is None:
            feature = self._rules.features[mode.feature or ""]
            if isinstance(feature, FreeSpins):
                self._free_spins(feature, feature.awards[mode.count])
            elif isinstance(feature, Pick):
                self._pick(feature)
            return
        windows = self._spin("spin", mode.reels)
        for feature in self._rules.features.values():
            if isinstance(feature, Respins):
                if feature.held_by(windows[feature.reel]):
                    self._respins(feature, windows[feature.reel])
            elif isinstance(feature, FreeSpins):
                award = feature.awards.get(count(windows, feature.symbol), 0)
                if award:
                    self._free_spins(feature, award)
            elif count(windows, feature.symbol) >= feature.at_least:
                self._pick(feature)

    def _spin(
        self,
        kind: str,
        role: str,
        multipliers: Mapping[int, int] | None = None,
        held: tuple[int, Window] | None = None,
    ) -> list[Window]:
        """Stop the reels, pay what shows, and say what that is. A step tells a held reel as -1."""
        reels = self._rules.reels_of(self._profile, role)
        stops: list[int] = []
        windows: list[Window] = []
        for at, reel in enumerate(reels):
            if held and held[0] == at:
                stops.append(-1)
                windows.append(held[1])
            else:
                stop = reel.spin(self._dice)
                stops.append(stop)
                windows.append(reel.windows[stop])
        multiplier = 1 if multipliers is None else self._one_of(multipliers)
        won = wins(self._rules.pays, windows)
        coins = sum([win.coins for win in won]) * multiplier
        self.coins += coins
        shown = [list(window) for window in windows]
        self.steps.append(
            {
                "type": kind,
                "reels": role,
                "stops": stops,
                "symbols": shown,
                "wins": [win.as_json() for win in won],
                "multiplier": multiplier,
                "coins": coins,
            }
        )
        if not self.symbols:
            self.symbols = shown
        return windows

    def _free_spins(self, feature: FreeSpins, award: int) -> None:
        self._announce("bonus_trigger", feature.name, award)
        awarded = left = min(award, feature.most)
        while left:
            left -= 1
            windows = self._spin("free_spin", feature.reels, feature.multipliers)
            shown = count(windows, feature.symbol)
            more = min(feature.retriggers.get(shown, 0), feature.most - awarded)
            if more:
                self._announce("retrigger", feature.name, more)
                awarded += more
                left += more

    def _respins(self, feature: Respins, window: Window) -> None:
        self._announce("respin", feature.name, feature.spins)
        for _ in range(feature.spins):
            self._spin("respin", feature.reels, held=(feature.reel, window))

    def _pick(self, feature: Pick) -> None:
        """Turn over what lies face down until an end shows. The prizes are drawn, and which of the
        equal backs the player touches changes nothing.
        """
        hidden = [*feature.prizes, *([0] * feature.ends)]
        found: list[int] = []
        while True:
            at = self._dice.below(len(hidden))
            if at >= len(hidden) - feature.ends:
                break
            found.append(hidden.pop(at))
        self._announce("bonus_trigger", feature.name, len(found))
        self.coins += sum(found)
        self.steps.append({"type": "pick", "prizes": found, "coins": sum(found)})

    def _announce(self, kind: str, name: str, number: int) -> None:
        self.features.append({"type": kind, "name": name, "count": number})

    def _one_of(self, weights: Mapping[int, int]) -> int:
        if len(weights) == 1:
            return next(iter(weights))
        draw = self._dice.below(sum(weights.values()))
        for value, bound in zip(weights, accumulate(weights.values()), strict=True):
            if draw < bound:
                return value
        raise AssertionError("a draw below the total is below one of the bounds")
