"""The mean win of a play, by linearity alone: no enumeration, so every start can afford it.

The mean of a sum is the sum of the means, however its parts hang together. So lines are taken one
by one, reels as independent, and a feature as its chance times its worth. `exact` goes the other
way, through the joint law of all reels, and has to find the same fraction.
"""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from math import prod

from simulator.rgs.maths.reels import Reel, Reels, Window
from simulator.rgs.maths.rules import FreeSpins, Pays, Pick, Respins, Rules


def mean_coins(rules: Rules, profile: str, mode_name: str) -> Fraction:
    """Coins that one play of a mode wins in the mean."""
    mode = rules.modes[mode_name]
    if mode.reels is None:
        feature = rules.features[mode.feature or ""]
        if isinstance(feature, FreeSpins):
            return _free_spins(rules, profile, feature)[feature.awards[mode.count]]
        if isinstance(feature, Pick):
            return mean_pick(feature)
        raise TypeError("a mode buys free spins or a pick")
    reels = rules.reels_of(profile, mode.reels)
    mean = mean_spin(rules.pays, reels)
    for feature in rules.features.values():
        if isinstance(feature, Respins):
            mean += _respins(rules, profile, feature, reels)
            continue
        shown = counts(reels, feature.symbol)
        if isinstance(feature, FreeSpins):
            worth = _free_spins(rules, profile, feature)
            mean += sum(
                (shown.get(number, Fraction()) * worth[award]
                for number, award in feature.awards.items()), Fraction()
            )  # fmt: skip
        else:
            chance = sum((p for n, p in shown.items() if n >= feature.at_least), Fraction())
            mean += chance * mean_pick(feature)
    return mean


def mean_spin(pays: Pays, reels: Reels) -> Fraction:
    """Coins that one spin of these reels wins in the mean, features apart."""
    if pays.lines is None:
        mean = _by_ways(pays, reels)
    else:
        mean = sum((_by_line(pays, reels, rows) for rows in pays.lines), Fraction())
    for symbol in pays.scatters:
        if symbol in pays.table:
            shown = counts(reels, symbol)
            mean += sum((pays.of(symbol, n) * p for n, p in shown.items()), Fraction())
    return mean


def counts(reels: Reels, symbol: str) -> dict[int, Fraction]:
    """How often a symbol shows on all reels → chance."""
    law = {0: Fraction(1)}
    for reel in reels:
        here: Counter[int] = Counter()
        for window, weight in zip(reel.windows, reel.weights, strict=True):
            here[window.count(symbol)] += weight
        following: dict[int, Fraction] = {}
        for shown, chance in law.items():
            for more, weight in here.items():
                part = chance * Fraction(weight, reel.total)
                following[shown + more] = following.get(shown + more, Fraction()) + part
        law = following
    return law


def held(reels: Reels, at: int, window: Window) -> Reels:
    """The same reels with one that shows only this window."""
    return (*reels[:at], Reel((window,), (1,), (1,)), *reels[at + 1 :])


def multiplier_mean(feature: FreeSpins) -> Fraction:
    """The mean multiplier of a free spin."""
    weights = feature.multipliers
    return Fraction(sum(value * weight for value, weight in weights.items()), sum(weights.values()))


def mean_pick(feature: Pick) -> Fraction:
    """Each prize is as likely as each end to come before all ends: 1 in ends + 1."""
    return Fraction(sum(feature.prizes), feature.ends + 1)


def _by_line(pays: Pays, reels: Reels, rows: tuple[int, ...]) -> Fraction:
    """One line: by its leading wilds, then its first other symbol, then its length."""
    laws = [_cell(reel, row) for reel, row in zip(reels, rows, strict=True)]
    wild = [law.get(pays.wild or "", Fraction()) for law in laws]
    mean = Fraction()
    for wilds in range(len(laws) + 1):
        led = prod(wild[:wilds], start=Fraction(1))
        by_wilds = pays.of(pays.wild or "", wilds)
        if wilds == len(laws):
            return mean + led * by_wilds
        for symbol, chance in laws[wilds].items():
            if symbol in pays.scatters:
                mean += led * chance * by_wilds
            elif symbol != pays.wild:
                so_far = led * chance
                for length in range(wilds + 1, len(laws) + 1):
                    on = laws[length].get(symbol, Fraction()) + wild[length] if length < len(laws) \
                        else Fraction()  # fmt: skip
                    coins = max(by_wilds, pays.of(symbol, length))
                    mean += so_far * (1 - on) * coins
                    so_far *= on
    return mean


def _by_ways(pays: Pays, reels: Reels) -> Fraction:
    """One symbol after another: the means of its counts multiply, reels being independent."""
    mean = Fraction()
    for symbol in pays.table:
        if symbol in pays.scatters:
            continue
        so_far = Fraction(1)
        for length in range(1, len(reels) + 1):
            so_far *= _shown(reels[length - 1], symbol, pays.wild)[0]
            ends = (
                _shown(reels[length], symbol, pays.wild)[1] if length < len(reels) else Fraction(1)
            )
            mean += so_far * ends * pays.of(symbol, length)
    return mean


def _cell(reel: Reel, row: int) -> dict[str, Fraction]:
    law: Counter[str] = Counter()
    for window, weight in zip(reel.windows, reel.weights, strict=True):
        law[window[row]] += weight
    return {symbol: Fraction(weight, reel.total) for symbol, weight in law.items()}


def _shown(reel: Reel, symbol: str, wild: str | None) -> tuple[Fraction, Fraction]:
    """The mean count of a symbol with its wilds on one reel, and the chance of none."""
    total = none = 0
    for window, weight in zip(reel.windows, reel.weights, strict=True):
        here = sum(shown in (symbol, wild) for shown in window)
        total += here * weight
        none += weight if not here else 0
    return Fraction(total, reel.total), Fraction(none, reel.total)


def _free_spins(rules: Rules, profile: str, feature: FreeSpins) -> Mapping[int, Fraction]:
    """Award → mean coins of the feature, retriggers and their limit included.

    Worth of the state (spins played, spins awarded), from the last possible spin backwards.
    """
    reels = rules.reels_of(profile, feature.reels)
    spin = mean_spin(rules.pays, reels) * multiplier_mean(feature)
    shown = counts(reels, feature.symbol)
    more = {n: chance for n, chance in shown.items() if n in feature.retriggers}
    none = 1 - sum(more.values(), Fraction())
    worth = {feature.most: Fraction()}
    for played in range(feature.most - 1, -1, -1):
        after = worth
        worth = {played: Fraction()}
        for awarded in range(played + 1, feature.most + 1):
            worth[awarded] = spin + none * after[awarded]
            for number, chance in more.items():
                awards = min(awarded + feature.retriggers[number], feature.most)
                worth[awarded] += chance * after[awards]
    return {award: worth[min(award, feature.most)] for award in feature.awards.values()}


def _respins(rules: Rules, profile: str, feature: Respins, reels: Reels) -> Fraction:
    again = rules.reels_of(profile, feature.reels)
    reel = reels[feature.reel]
    mean = Fraction()
    for window, weight in zip(reel.windows, reel.weights, strict=True):
        if weight and feature.held_by(window):
            spin = mean_spin(rules.pays, held(again, feature.reel, window))
            mean += Fraction(weight, reel.total) * feature.spins * spin
    return mean
