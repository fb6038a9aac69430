"""The mean win of a play, by linearity alone: no enumeration, so every start can afford it.

The mean of a sum is the sum of the means, however its parts hang together. So lines are taken one
by one, reels as independent, and a feature as its chance times its worth. `exact` goes the other
way, through the joint law of all reels, and has to find the same fraction.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
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
            won = sum((shown.get(n, 0) * worth[award] for n, award in feature.awards.items()))
        else:
            chance = sum(weight for n, weight in shown.items() if n >= feature.at_least)
            won = chance * mean_pick(feature)
        mean += Fraction(won) / cycle(reels)
    return mean


def mean_spin(pays: Pays, reels: Reels) -> Fraction:
    """Coins that one spin of these reels wins in the mean, features apart."""
    total = _by_ways(pays, reels) if pays.lines is None else _by_lines(pays, pays.lines, reels)
    for symbol in pays.scatters & pays.table.keys():
        total += sum(pays.of(symbol, n) * weight for n, weight in counts(reels, symbol).items())
    return Fraction(total, cycle(reels))


def cycle(reels: Reels) -> int:
    """The weight of all stops of all reels."""
    return prod(reel.total for reel in reels)


def counts(reels: Reels, symbol: str) -> dict[int, int]:
    """How often a symbol shows on all reels → weight in the cycle."""
    law = {0: 1}
    for reel in reels:
        here: Counter[int] = Counter()
        for window, weight in zip(reel.windows, reel.weights, strict=True):
            here[window.count(symbol)] += weight
        following: dict[int, int] = {}
        for shown, times in law.items():
            for more, weight in here.items():
                following[shown + more] = following.get(shown + more, 0) + times * weight
        law = following
    return law


def held(reels: Reels, at: int, window: Window) -> Reels:
    """The same reels with one that shows only this window."""
    return (*reels[:at], Reel((window,), (1,), (1,)), *reels[at + 1 :])


def mean_pick(feature: Pick) -> Fraction:
    """Each prize is as likely as each end to come before all ends: 1 in ends + 1."""
    return Fraction(sum(feature.prizes), feature.ends + 1)


Cell = tuple[tuple[str, int], ...]
"""The symbols that one row of a reel shows, and their weights."""


def _by_lines(pays: Pays, lines: Sequence[Sequence[int]], reels: Reels) -> int:
    """Line by line; lines whose rows show the same symbols as often are worth the same."""
    cells = [[_cell(reel, row) for row in range(len(reel.windows[0]))] for reel in reels]
    alike = Counter(tuple(cells[at][row] for at, row in enumerate(rows)) for rows in lines)
    return sum(times * _line(pays, line) for line, times in alike.items())


def _line(pays: Pays, line: tuple[Cell, ...]) -> int:
    """One line: by its leading wilds, then its first other symbol, then its length."""
    laws = [dict(cell) for cell in line]
    totals = [sum(law.values()) for law in laws]
    wild = [law.get(pays.wild or "", 0) for law in laws]
    width = len(laws)
    total = 0
    for wilds in range(width + 1):
        led = prod(wild[:wilds])
        by_wilds = pays.of(pays.wild or "", wilds)
        if wilds == width:
            return total + led * by_wilds
        for symbol, weight in laws[wilds].items():
            if symbol in pays.scatters:
                total += led * weight * by_wilds * prod(totals[wilds + 1 :])
            elif symbol != pays.wild:
                so_far = led * weight
                for length in range(wilds + 1, width + 1):
                    on = laws[length].get(symbol, 0) + wild[length] if length < width else 0
                    off = prod(totals[length:]) - on * prod(totals[length + 1 :])
                    total += so_far * off * max(by_wilds, pays.of(symbol, length))
                    so_far *= on
    raise AssertionError("the loop returns after the last reel")


def _by_ways(pays: Pays, reels: Reels) -> int:
    """One symbol after another: the sums of its counts multiply, reels being independent."""
    totals = [reel.total for reel in reels]
    total = 0
    for symbol in pays.table.keys() - pays.scatters:
        shown = [_shown(reel, symbol, pays.wild) for reel in reels]
        so_far = 1
        for length in range(1, len(reels) + 1):
            so_far *= shown[length - 1][0]
            ends = shown[length][1] if length < len(reels) else 1
            total += so_far * ends * prod(totals[length + 1 :]) * pays.of(symbol, length)
    return total


def _cell(reel: Reel, row: int) -> Cell:
    law: Counter[str] = Counter()
    for window, weight in zip(reel.windows, reel.weights, strict=True):
        law[window[row]] += weight
    return tuple(sorted(law.items()))


def _shown(reel: Reel, symbol: str, wild: str | None) -> tuple[int, int]:
    """The weighted count of a symbol with its wilds on one reel, and the weight of none."""
    total = none = 0
    for window, weight in zip(reel.windows, reel.weights, strict=True):
        here = sum(shown in (symbol, wild) for shown in window)
        total += here * weight
        none += weight if not here else 0
    return total, none


@lru_cache(maxsize=64)
def _free_spins(rules: Rules, profile: str, feature: FreeSpins) -> Mapping[int, Fraction]:
    """Award → mean coins of the feature, retriggers and their limit included.

    The modes of a game share it. It is the worth of the state (spins played, spins awarded), from
    the last possible spin backwards, as whole numbers: all that have played the same have the same
    power of the cycle below them.
    """
    reels = rules.reels_of(profile, feature.reels)
    size = cycle(reels) * sum(feature.multipliers.values())
    by = Fraction(sum(value * weight for value, weight in feature.multipliers.items()))
    spin = int(mean_spin(rules.pays, reels) * by * cycle(reels))
    more: Counter[int] = Counter()
    for shown, weight in counts(reels, feature.symbol).items():
        more[feature.retriggers.get(shown, 0)] += weight * size // cycle(reels)
    most, power = feature.most, 1
    worth = {most: 0}
    for played in range(most - 1, -1, -1):
        after, worth = worth, {played: 0}
        for awarded in range(played + 1, most + 1):
            worth[awarded] = spin * power + sum(
                weight * after[min(awarded + won, most)] for won, weight in more.items()
            )
        power *= size
    return {n: Fraction(worth[min(n, most)], power) for n in feature.awards.values()}


def _respins(rules: Rules, profile: str, feature: Respins, reels: Reels) -> Fraction:
    again = rules.reels_of(profile, feature.reels)
    reel = reels[feature.reel]
    mean = Fraction()
    for window, weight in zip(reel.windows, reel.weights, strict=True):
        if weight and feature.held_by(window):
            spin = mean_spin(rules.pays, held(again, feature.reel, window))
            mean += Fraction(weight, reel.total) * feature.spins * spin
    return mean
