"""Exact mathematics against games that are played in every possible way (RGS-13)."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import prod

import pytest

from simulator.rgs.maths import stats
from simulator.rgs.maths.automaton import build, law
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.exact import Laws, pick_stats
from simulator.rgs.maths.mean import mean_pick
from simulator.rgs.maths.paying import wins
from simulator.rgs.maths.rules import Pick
from simulator.rgs.maths.slot import SlotGame
from simulator.rgs.maths.stats import Stats, certain, mix, of
from tests.rgs.maths.tools import LINES, WAYS, law_of_playing, tiny

SLOTS = [game for game in load_games().values() if isinstance(game, SlotGame)]


@pytest.mark.parametrize(
    ("text", "mode"), [(LINES, "base"), (LINES, "buy"), (LINES, "crack"), (WAYS, "base")]
)
def test_the_law_is_that_of_playing_every_way(text: str, mode: str) -> None:
    """Mean, second moment, chance of nothing, highest win and its chance: all are exactly those of
    the scalar engine, played through every draw that there is, features and their ends included."""
    game = tiny(text)
    played = law_of_playing(game, mode)
    assert game.stats("only", mode) == played
    assert game.rtp("only", mode) == played.mean / game.cost(mode)


def test_a_wrong_paytable_is_another_law() -> None:
    """Negative control: one pay that differs by one coin is noticed."""
    game = tiny(WAYS)
    wrong = replace(game.rules.pays, table=dict(game.rules.pays.table) | {"B": {3: 4}})
    laws = Laws(replace(game.rules, pays=wrong))
    assert laws.play("only", "base") != law_of_playing(game, "base")


@pytest.mark.parametrize("profile", ["rtp_92", "rtp_94", "rtp_96"])
def test_the_classic_is_enumerated_stop_by_stop(profile: str) -> None:
    """All 10 648 stops of the classic, paid by the plain rules, give its exact law."""
    game = next(game for game in SLOTS if game.game_id == "studio:classic_3x3")
    reels = game.rules.reels_of(profile, "base")
    cycle: dict[int, int] = {}
    for windows in product(*(reel.windows for reel in reels)):
        coins = sum(win.coins for win in wins(game.rules.pays, windows))
        cycle[coins] = cycle.get(coins, 0) + 1
    assert sum(cycle.values()) == 22**3
    assert of(cycle) == game.stats(profile, "base")


def test_the_joint_law_counts_every_stop_once() -> None:
    """The weights of the automaton's law add up to the cycle of the reels."""
    for game in (SLOTS[0], SLOTS[2], tiny(LINES), tiny(WAYS)):
        reels = next(iter(game.rules.reels.values()))
        total = prod(reel.total for reel in reels)
        assert sum(law(build(game.rules.pays, reels, ())).values()) == total


def test_laws_are_computed_once() -> None:
    """Asking again gives the same object's numbers, and free spins are shared by the modes."""
    game = tiny(LINES)
    laws = Laws(game.rules)
    assert laws.play("only", "base") == laws.play("only", "base") == game.stats("only", "base")


@pytest.mark.parametrize("ends", [1, 2, 5])
def test_a_pick_is_worth_each_prize_by_its_chance(ends: int) -> None:
    """The full law of a pick has the mean that symmetry gives it, and all its chances add up."""
    feature = Pick("Pick", "V", 1, (1, 1, 2, 5, 50), ends)
    found = pick_stats(feature)
    assert found.mean == mean_pick(feature)
    assert found.nothing == Fraction(ends, 5 + ends)
    assert found.most == 59


def brute(weights: dict[int, int], other: dict[int, int]) -> Stats:
    sums: dict[int, int] = {}
    for (a, wa), (b, wb) in product(weights.items(), other.items()):
        sums[a + b] = sums.get(a + b, 0) + wa * wb
    return of(sums)


def test_sums_multiples_and_mixtures_are_exact() -> None:
    """The algebra of laws is that of the distributions behind them."""
    one, two = {0: 3, 1: 2, 7: 1}, {0: 1, 4: 5}
    assert of(one) + of(two) == brute(one, two)
    assert of(one).times(3) == of({coins * 3: weight for coins, weight in one.items()})
    assert mix([(1, of({1: 1})), (3, of({0: 1, 1: 1}))]) == of({1: 5, 0: 3})
    assert of({5: 1}) == certain(5) == stats.ZERO + certain(5)
    assert of({0: 1, 2: 1}).variance == 1
    with pytest.raises(ValueError, match="nothing"):
        mix([(0, certain(1))])
