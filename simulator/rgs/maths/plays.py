"""Plays of a slot by the thousand: paid spins, and the features that some of them trigger (RGS-13).

Almost all plays end with their paid spin. The few that trigger something are set aside, and their
features are played together, step by step: all first free spins, all second ones, and so on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulator.rgs.maths.automaton import LABEL_BITS, Automaton, build
from simulator.rgs.maths.reels import Window, reel_of
from simulator.rgs.maths.rules import FreeSpins, Mode, Pick, Respins
from simulator.rgs.maths.slot import SlotGame
from simulator.rgs.maths.tables import Index, Ints, Spinner

CHUNK = 1 << 16
"""Plays of one step: their arrays stay in the second-level cache."""

BATCH = 16 * CHUNK
"""Plays whose features are played together, as each free spin costs a fixed number of calls."""


@dataclass(slots=True)
class Tally:
    """What was won in some plays, in coins."""

    plays: int = 0
    coins: int = 0
    squares: int = 0
    hits: int = 0
    most: int = 0

    def add(self, won: Ints) -> None:
        """Count more plays."""
        self.plays += len(won)
        self.coins += int(won.sum())
        self.squares += int(np.dot(won, won))
        self.hits += int(np.count_nonzero(won))
        self.most = max(self.most, int(won.max(initial=0)))


class SlotPlays:
    """Plays of one mode of a slot."""

    def __init__(self, game: SlotGame, profile: str, mode: str) -> None:
        self._rules = game.rules
        self._profile = profile
        self._mode: Mode = game.rules.modes[mode]
        features = game.rules.features.values()
        self._free = {
            part.name: _Free(game, profile, part)
            for part in features
            if isinstance(part, FreeSpins)
        }
        if self._mode.reels is not None:
            self._paid = _Paid(game, profile, self._mode.reels)

    def play(self, plays: int, rng: np.random.Generator, tally: Tally) -> None:
        """Play so often and count what was won."""
        if self._mode.reels is None:
            feature = self._rules.features[self._mode.feature or ""]
            if isinstance(feature, FreeSpins):
                awards = np.full(plays, feature.awards[self._mode.count], dtype=np.int32)
                tally.add(self._free[feature.name].play(awards, rng))
            elif isinstance(feature, Pick):
                tally.add(_pick(feature, plays, rng))
            return
        kept = []
        while plays:
            part = min(CHUNK, plays)
            kept.append(self._paid.play(part, rng, tally))
            plays -= part
        coins, labels = (np.concatenate(parts) for parts in zip(*kept, strict=True))
        tally.add(coins + self._features(labels, rng))

    def _features(self, labels: Ints, rng: np.random.Generator) -> Ints:
        """What the features won that these labels trigger, in the order of the rules."""
        won = np.zeros(len(labels), dtype=np.int64)
        for feature in self._rules.features.values():
            if isinstance(feature, Respins):
                for_each = self._paid.held(labels)
                at = np.flatnonzero(for_each >= 0)
                for _ in range(feature.spins):
                    won[at] += self._paid.respin(for_each[at], rng)
                continue
            shown = self._paid.shown(labels, feature.symbol)
            if isinstance(feature, Pick):
                at = np.flatnonzero(shown >= feature.at_least)
                won[at] += _pick(feature, len(at), rng)
            else:
                awards = _table(feature.awards)[shown]
                at = np.flatnonzero(awards)
                won[at] += self._free[feature.name].play(awards[at], rng)
        return won


class _Paid:
    """Spins of one set of reels that may trigger features."""

    def __init__(self, game: SlotGame, profile: str, role: str) -> None:
        rules = game.rules
        features = rules.features.values()
        reels = rules.reels_of(profile, role)
        automaton = game.laws.automaton(profile, role)
        self._tracked = automaton.tracked
        self._base = LABEL_BITS * len(automaton.tracked)
        """Above the counts: which window of a reel is held, from 1."""
        self._held: list[Window] = []
        for part in features:
            if isinstance(part, Respins):
                windows = dict.fromkeys(reels[part.reel].windows)
                self._held = [window for window in windows if part.held_by(window)]
                again = list(rules.reels_of(profile, part.reels))
                again[part.reel] = reel_of(tuple(self._held), (1,) * len(self._held))
                respun = build(rules.pays, tuple(again), ())
                self._respin = _Spins(respun, part.reel)
                automaton = _marked(automaton, part.reel, self._held, self._base)
        self._spins = _Spins(automaton)
        self._triggers = np.zeros(1 << LABEL_BITS * len(self._tracked), dtype=bool)
        for part in features:
            if isinstance(part, Respins):
                continue
            at = self._tracked.index(part.symbol)
            counts = np.arange(len(self._triggers)) >> at * LABEL_BITS & (1 << LABEL_BITS) - 1
            if isinstance(part, Pick):
                self._triggers |= counts >= part.at_least
            else:
                self._triggers |= _table(part.awards)[counts] > 0

    def play(self, plays: int, rng: np.random.Generator, tally: Tally) -> tuple[Ints, Ints]:
        """Spin, tally what triggers nothing, and hand back coins and labels of the rest."""
        coins, labels = self._spins.spin(plays, rng)
        if not self._tracked and not self._held:
            tally.add(coins)
            return coins[:0], labels[:0]
        triggered = self._triggers[labels & (1 << self._base) - 1]
        if self._held:
            triggered |= labels >> self._base > 0
        at = np.flatnonzero(triggered)
        kept = coins[at], labels[at]
        coins[at] = 0
        tally.add(coins)
        tally.plays -= len(at)
        return kept

    def shown(self, labels: Ints, symbol: str) -> Ints:
        """How often a symbol showed."""
        at = self._tracked.index(symbol)
        return labels >> at * LABEL_BITS & (1 << LABEL_BITS) - 1

    def held(self, labels: Ints) -> Index:
        """Number of the window that is held, -1 for none."""
        return ((labels >> self._base) - 1).astype(np.int32)

    def respin(self, windows: Index, rng: np.random.Generator) -> Ints:
        """Coins of a respin with these windows held."""
        return self._respin.spin(len(windows), rng, windows)[0]


class _Spins:
    """Spins of an automaton, unpacked, with what scatters pay."""

    def __init__(self, automaton: Automaton, held: int | None = None) -> None:
        self._spinner = Spinner(automaton, held)
        self._bits = self._spinner.coin_bits
        self._scatters = None
        if automaton.anywhere:
            size = 1 << LABEL_BITS * len(automaton.tracked)
            self._scatters = np.array([automaton.scattered(n) for n in range(size)], dtype=np.int64)

    def spin(
        self, plays: int, rng: np.random.Generator, stops: Index | None = None
    ) -> tuple[Ints, Ints]:
        gains = self._spinner.spin(plays, rng, stops)
        labels = gains >> self._bits
        coins = gains & (1 << self._bits) - 1
        if self._scatters is not None:
            coins += self._scatters[labels & len(self._scatters) - 1]
        return coins, labels


class _Free:
    """Features of free spins."""

    def __init__(self, game: SlotGame, profile: str, feature: FreeSpins) -> None:
        automaton = game.laws.automaton(profile, feature.reels)
        self._spins = _Spins(automaton)
        self._shift = LABEL_BITS * automaton.tracked.index(feature.symbol)
        self._most = feature.most
        self._more = _table(feature.retriggers)
        weights = list(feature.multipliers.values())
        self._multipliers = np.repeat(np.array(list(feature.multipliers), dtype=np.int64), weights)

    def play(self, awards: Index, rng: np.random.Generator) -> Ints:
        """Coins of each feature that starts with so many spins."""
        left = np.minimum(awards, self._most).astype(np.int32)
        awarded = left.copy()
        won = np.zeros(len(awards), dtype=np.int64)
        at = np.flatnonzero(left)
        while len(at):
            coins, labels = self._spins.spin(len(at), rng)
            drawn = rng.integers(0, len(self._multipliers), len(at), dtype=np.uint32)
            won[at] += coins * self._multipliers[drawn]
            more = self._more[labels >> self._shift & (1 << LABEL_BITS) - 1]
            more = np.minimum(more, self._most - awarded[at])
            awarded[at] += more
            left[at] += more - 1
            at = at[left[at] > 0]
        return won


def _pick(feature: Pick, plays: int, rng: np.random.Generator) -> Ints:
    """Shuffle what lies face down, and add up what comes before the first end."""
    hidden = np.array([*feature.prizes, *([0] * feature.ends)], dtype=np.int64)
    shuffled = rng.permuted(np.tile(hidden, (plays, 1)), axis=1)
    before = np.logical_and.accumulate(shuffled > 0, axis=1)
    return np.asarray((shuffled * before).sum(axis=1), dtype=np.int64)


def _table(numbers: Mapping[int, int]) -> Index:
    """Count of symbols → number, 0 where the rules name none."""
    table = np.zeros(1 << LABEL_BITS, dtype=np.int32)
    for count, number in numbers.items():
        table[count] = number
    return table


def _marked(automaton: Automaton, reel: int, held: list[Window], shift: int) -> Automaton:
    """The same automaton, whose labels also say which held window a reel shows, from 1."""
    layer = automaton.layers[reel]
    marks = [held.index(w) + 1 if w in held else 0 for w in layer.reel.windows]
    labels = tuple(label + (mark << shift) for label, mark in zip(layer.labels, marks, strict=True))
    layers = list(automaton.layers)
    layers[reel] = replace(layer, labels=labels)
    return replace(automaton, layers=tuple(layers))
