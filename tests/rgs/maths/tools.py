"""Small games that can be played in every possible way, and the dice that do it."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from simulator.rgs.maths.catalogue import game_of
from simulator.rgs.maths.game import Outcome
from simulator.rgs.maths.slot import SlotGame
from simulator.rgs.maths.stats import Stats, mix, of

HEAD = """
game_id: test:tiny
title: Tiny
kind: slot
version: 1.0.0
coins: {min: 1, max: 10}
"""

LINES = (
    HEAD
    + """
rows: 2
wins: {by: lines, lines: [[1, 1, 1], [2, 2, 2], [1, 2, 1]]}
symbols:
  W: {name: Wild, role: wild}
  S: {name: Scatter, role: scatter}
  V: {name: Vault, role: scatter}
  A: {name: Ace}
  B: {name: Bee}
paytable: {W: {2: 1, 3: 9}, A: {2: 1, 3: 2}, B: {3: 1}, S: {2: 3, 3: 5}}
features:
  free: {type: free_spins, name: Free, symbol: S, awards: {2: 1, 3: 2}, retriggers: {2: 1},
    most: 2, reels: free, multipliers: {1: 1, 3: 1}}
  vault: {type: pick, name: Vault, symbol: V, at_least: 1, prizes: [1, 4], ends: 2}
modes:
  base: {cost: 19, reels: base}
  buy: {cost: 17, feature: free, count: 3}
  crack: {cost: 2, feature: vault}
profiles:
  only: {rtp_percent: 91, reels: {base: base, free: free}}
reels:
  base:
    - {stops: A W B S, weights: 1 1 0 1}
    - S A V
    - A S
  free:
    - A S
    - {stops: A S, weights: 1 1}
    - {stops: B W, weights: 1 0}
"""
)

WAYS = (
    HEAD
    + """
rows: 2
wins: {by: ways}
symbols:
  W: {name: Wild, role: wild}
  A: {name: Ace}
  B: {name: Bee}
paytable: {A: {2: 1, 3: 2}, B: {3: 3}}
features:
  tide: {type: respins, name: Tide, reel: 2, symbol: W, at_least: 2, spins: 2, reels: again}
modes:
  base: {cost: 17, reels: base}
profiles:
  only: {rtp_percent: 94, reels: {base: base, again: again}}
reels:
  base: [A B A, W W A B, A A B W]
  again: [A B, B A, {cells: {A: 1, W: 1}}]
"""
)


def tiny(text: str) -> SlotGame:
    game = game_of(text)
    assert isinstance(game, SlotGame)
    return game


class Odometer:
    """Dice that follow a path of draws, then throw zeros, and know the path after it."""

    def __init__(self, path: list[int]) -> None:
        self.path = path
        self.bounds: list[int] = []

    @property
    def draws(self) -> int:
        return len(self.bounds)

    def below(self, bound: int) -> int:
        if len(self.bounds) == len(self.path):
            self.path.append(0)
        self.bounds.append(bound)
        return self.path[len(self.bounds) - 1]

    def next_path(self) -> list[int] | None:
        path = self.path[: len(self.bounds)]
        while path and path[-1] + 1 == self.bounds[len(path) - 1]:
            path.pop()
        return [*path[:-1], path[-1] + 1] if path else None


def every_way(play: Callable[[Odometer], Outcome]) -> Iterator[tuple[Fraction, Outcome]]:
    """Each possible outcome with its chance: a game played through to the last draw."""
    path: list[int] | None = []
    while path is not None:
        dice = Odometer(path)
        outcome = play(dice)
        chance = Fraction(1)
        for bound in dice.bounds:
            chance /= bound
        yield chance, outcome
        path = dice.next_path()


def law_of_playing(game: SlotGame, mode: str) -> Stats:
    """The law of the coins won, found by playing every way that there is."""
    limits = game.limits(mode)
    outcomes = every_way(lambda dice: game.play("only", mode, limits.min_minor, dice))
    return mix((chance, of({outcome.win_minor: 1})) for chance, outcome in outcomes)


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The same data with one part replaced, or taken away by None."""
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    if value is None and len(path) == 1:
        del copy[path[0]]
    else:
        part = copy[path[0]] if len(path) > 1 else None
        copy[path[0]] = changed(part, path[1:], value)
    return copy
