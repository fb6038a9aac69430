"""The exact law of a play, as fractions: spins from the automaton, features from their recursion.

RTP, hit frequency, variance and the highest win with its odds all come from one `Stats` (RGS-13).
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from simulator.rgs.maths import stats
from simulator.rgs.maths.automaton import Automaton, build, counted, law
from simulator.rgs.maths.mean import held
from simulator.rgs.maths.reels import Reels, Window, reel_of
from simulator.rgs.maths.rules import FreeSpins, Pick, Respins, Rules
from simulator.rgs.maths.stats import ZERO, Stats

Law = Mapping[tuple[int, int], int]


class Laws:
    """The laws of one slot, each set of reels and each feature on it computed once."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        features = rules.features.values()
        self.tracked = tuple(
            dict.fromkeys(part.symbol for part in features if not isinstance(part, Respins))
        )
        self._free: dict[tuple[str, str], dict[int, Stats]] = {}
        self._built: dict[str, Automaton] = {}

    def automaton(self, profile: str, role: str) -> Automaton:
        """The automaton of the reels that a role has in a profile, with all triggers tracked."""
        name = self._rules.profile_reels[profile][role]
        if name not in self._built:
            self._built[name] = build(self._rules.pays, self._rules.reels[name], self.tracked)
        return self._built[name]

    def play(self, profile: str, mode_name: str) -> Stats:
        """The law of the coins won in one play of a mode."""
        mode = self._rules.modes[mode_name]
        if mode.reels is None:
            feature = self._rules.features[mode.feature or ""]
            if isinstance(feature, FreeSpins):
                awards = self._free_spins(profile, mode.feature or "", feature)
                return awards[feature.awards[mode.count]]
            if isinstance(feature, Pick):
                return pick_stats(feature)
            raise TypeError("a mode buys free spins or a pick")
        reels = self._rules.reels_of(profile, mode.reels)
        for part in self._rules.features.values():
            if isinstance(part, Respins):
                return self._with_respins(profile, reels, part)
        return self._paid(profile, self.automaton(profile, mode.reels))

    def _paid(self, profile: str, automaton: Automaton) -> Stats:
        """A paid spin of some reels, with what its scatters trigger."""
        parts = []
        for label, (weight, coins) in by_label(law(automaton)).items():
            parts.append((weight, coins + self._triggered(profile, automaton, label)))
        return stats.mix(parts)

    def _triggered(self, profile: str, automaton: Automaton, label: int) -> Stats:
        total = ZERO
        for name, feature in self._rules.features.items():
            if isinstance(feature, Respins):
                continue
            shown = counted(label, automaton.tracked.index(feature.symbol))
            if isinstance(feature, Pick):
                total += pick_stats(feature) if shown >= feature.at_least else ZERO
            elif shown in feature.awards:
                total += self._free_spins(profile, name, feature)[feature.awards[shown]]
        return total

    def _with_respins(self, profile: str, reels: Reels, feature: Respins) -> Stats:
        """Each window that is held, by itself, and all others together."""
        reel = reels[feature.reel]
        again = self._rules.reels_of(profile, feature.reels)
        weights: dict[Window, int] = {}
        for window, weight in zip(reel.windows, reel.weights, strict=True):
            weights[window] = weights.get(window, 0) + weight
        parts = []
        others = {window: w for window, w in weights.items() if w and not feature.held_by(window)}
        for window, weight in weights.items():
            if weight and window not in others:
                spin = self._plain(held(again, feature.reel, window))
                total = self._paid(profile, self._build(held(reels, feature.reel, window)))
                for _ in range(feature.spins):
                    total += spin
                parts.append((weight, total))
        if others:
            rest = reel_of(tuple(others), tuple(others.values()))
            kept = (*reels[: feature.reel], rest, *reels[feature.reel + 1 :])
            mixed = self._paid(profile, self._build(kept))
            parts.append((sum(others.values()), mixed))
        return stats.mix(parts)

    def _build(self, reels: Reels) -> Automaton:
        return build(self._rules.pays, reels, self.tracked)

    def _plain(self, reels: Reels) -> Stats:
        return stats.mix(by_label(law(build(self._rules.pays, reels, ()))).values())

    def _free_spins(self, profile: str, name: str, feature: FreeSpins) -> dict[int, Stats]:
        """Award → law of the feature, from the last possible spin backwards."""
        key = (name, self._rules.profile_reels[profile][feature.reels])
        if key not in self._free:
            automaton = self.automaton(profile, feature.reels)
            self._free[key] = _feature(automaton, feature)
        return self._free[key]


def _feature(automaton: Automaton, feature: FreeSpins) -> dict[int, Stats]:
    """The feature from the last possible spin backwards."""
    at = automaton.tracked.index(feature.symbol)
    by_more: dict[int, list[tuple[int, Stats]]] = {}
    for label, part in by_label(law(automaton)).items():
        by_more.setdefault(feature.retriggers.get(counted(label, at), 0), []).append(part)
    spins = [
        (more, sum(weight for weight, _ in parts), multiplied(stats.mix(parts), feature))
        for more, parts in sorted(by_more.items())
    ]

    @cache
    def worth(played: int, awarded: int) -> Stats:
        if played == awarded:
            return ZERO
        return stats.mix(
            (weight, spin + worth(played + 1, min(awarded + more, feature.most)))
            for more, weight, spin in spins
        )

    return {award: worth(0, min(award, feature.most)) for award in feature.awards.values()}


def by_label(spins: Law) -> dict[int, tuple[int, Stats]]:
    """Label → weight, and the law of the coins given that label."""
    split: dict[int, dict[int, int]] = {}
    for (label, coins), weight in spins.items():
        split.setdefault(label, {})[coins] = weight
    return {label: (sum(part.values()), stats.of(part)) for label, part in split.items()}


def multiplied(spin: Stats, feature: FreeSpins) -> Stats:
    """The law of a free spin times its multiplier, which is drawn apart."""
    return stats.mix((weight, spin.times(by)) for by, weight in feature.multipliers.items())


def pick_stats(feature: Pick) -> Stats:
    """The law of a pick: every set of prizes that can come before the first end.

    With m prizes and e ends, exactly these j come first, in some order, and then an end, in
    j! × e ÷ ((m+e) × … × (m+e−j)) of all ways.
    """
    sums: list[dict[int, int]] = [{0: 1}] + [{} for _ in feature.prizes]
    for prize in feature.prizes:
        for size in range(len(feature.prizes), 0, -1):
            for coins, sets in sums[size - 1].items():
                sums[size][coins + prize] = sums[size].get(coins + prize, 0) + sets
    weights: dict[int, Fraction] = {}
    hidden = len(feature.prizes) + feature.ends
    chance = Fraction(feature.ends, hidden)
    for size, part in enumerate(sums):
        for coins, sets in part.items():
            weights[coins] = weights.get(coins, Fraction()) + sets * chance
        if size + 1 < hidden:
            chance = chance * (size + 1) / (hidden - size - 1)
    return stats.mix((weight, stats.certain(coins)) for coins, weight in weights.items())
