"""The vectorised spins over a whole cycle of stops: the exact law, number for number (RGS-13)."""

from collections import Counter
from math import prod
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.rgs.maths import tables
from simulator.rgs.maths.automaton import build, law
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.plays import _pick
from simulator.rgs.maths.reels import Reels
from simulator.rgs.maths.rules import Pick
from simulator.rgs.maths.slot import SlotGame
from simulator.rgs.maths.tables import Spinner
from tests.rgs.maths.tools import LINES, WAYS, tiny

CLASSIC = cast("SlotGame", load_games()["studio:classic_3x3"])
CASES = [
    (CLASSIC, "base_92"),
    (CLASSIC, "base_96"),
    (tiny(LINES), "base"),
    (tiny(LINES), "free"),
    (tiny(WAYS), "base"),
    (tiny(WAYS), "again"),
]


class Cycle:
    """Stands for numpy's generator: each call counts on where the one before has come round."""

    def __init__(self) -> None:
        self.stride = 1

    def integers(self, low: int, high: int, size: int, dtype: Any) -> NDArray[Any]:
        drawn = (np.arange(size) // self.stride % high + low).astype(dtype)
        self.stride *= high
        return drawn


def spun(game: SlotGame, reels: Reels) -> Counter[tuple[int, int]]:
    automaton = build(game.rules.pays, reels, ("S",))
    spinner = Spinner(automaton)
    plays = prod(reel.total for reel in reels)
    gains = spinner.spin(plays, cast("np.random.Generator", Cycle()))
    labels, coins = gains >> spinner.coin_bits, gains & (1 << spinner.coin_bits) - 1
    return Counter(
        (label, won + automaton.scattered(label))
        for label, won in zip(labels.tolist(), coins.tolist(), strict=True)
    )


@pytest.mark.parametrize("segment", [1, 30, 500, 1 << 16])
@pytest.mark.parametrize(("game", "name"), CASES, ids=lambda part: getattr(part, "game_id", part))
def test_a_whole_cycle_is_the_exact_law(
    game: SlotGame, name: str, segment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every stop of every reel once gives each win and count as often as the law says, however the
    reels are cut into tables."""
    monkeypatch.setattr(tables, "SEGMENT", segment)
    reels = game.rules.reels[name]
    assert spun(game, reels) == law(build(game.rules.pays, reels, ("S",)))


def test_another_strip_is_noticed() -> None:
    """Negative control: the cycle of other reels is another law."""
    other = law(build(CLASSIC.rules.pays, CLASSIC.rules.reels["base_94"], ("S",)))
    assert spun(CLASSIC, CLASSIC.rules.reels["base_92"]) != other


def test_a_pick_stops_at_the_first_end() -> None:
    """Prizes behind an end are not won: without chance, only what is before it counts."""

    class Still:
        def permuted(self, hidden: NDArray[Any], axis: int) -> NDArray[Any]:
            order = [[5, 3, 0, 100], [0, 5, 3, 100], [5, 3, 100, 0]]
            return np.array(order)

    feature = Pick("Pick", "V", 1, (5, 3, 100), 1)
    won = _pick(feature, 3, cast("np.random.Generator", Still()))
    assert won.tolist() == [8, 0, 108]
