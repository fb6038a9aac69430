"""Reels as data: the windows that one can stop at, and how often (RGS-13).

A reel is written as a strip of symbols (every stop as likely), a strip with a weight for each stop,
or weights of symbols for cells that are drawn one by one. All three become the same thing: windows
with whole weights, of which one number below their total picks one.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, product
from math import prod
from typing import Any

from simulator.rgs.maths.game import Chance

Window = tuple[str, ...]
"""The symbols of one reel, from the top."""


@dataclass(frozen=True, slots=True)
class Reel:
    """One reel: its windows by stop, their weights, and the running sum that a draw looks into."""

    windows: tuple[Window, ...]
    weights: tuple[int, ...]
    bounds: tuple[int, ...]

    @property
    def total(self) -> int:
        """The sum of the weights: a draw is a number below it."""
        return self.bounds[-1]

    def stop(self, draw: int) -> int:
        """The stop that a number below `total` picks."""
        return bisect_right(self.bounds, draw)

    def spin(self, dice: Chance) -> int:
        """Draw a stop."""
        return bisect_right(self.bounds, dice.below(self.bounds[-1]))


Reels = tuple[Reel, ...]


def read_reel(data: Any, rows: int) -> Reel:
    """A reel from checked data: a text of symbols, or an object with `stops` or `cells`.

    Raises ValueError for a strip shorter than the window or weights that do not fit it.
    """
    if isinstance(data, str):
        return _strip(data.split(), None, rows)
    if "stops" in data:
        weights = [int(text) for text in data["weights"].split()]
        return _strip(data["stops"].split(), weights, rows)
    cells: dict[str, int] = data["cells"]
    windows = tuple(product(cells, repeat=rows))
    return reel_of(windows, tuple(prod(cells[symbol] for symbol in window) for window in windows))


def symbols_of(data: Any) -> set[str]:
    """The symbols that a reel's data names."""
    if isinstance(data, str):
        return set(data.split())
    return set(data["stops"].split()) if "stops" in data else set(data["cells"])


def _strip(stops: list[str], weights: list[int] | None, rows: int) -> Reel:
    if len(stops) < rows:
        raise ValueError(f"a strip of {len(stops)} symbols is shorter than its window of {rows}")
    weights = [1] * len(stops) if weights is None else weights
    if len(weights) != len(stops):
        raise ValueError(f"{len(weights)} weights for {len(stops)} stops; give one for each")
    if min(weights) < 0 or not any(weights):
        raise ValueError("weights are whole numbers from 0, and not all 0")
    twice = stops + stops
    windows = tuple(tuple(twice[at : at + rows]) for at in range(len(stops)))
    return reel_of(windows, tuple(weights))


def reel_of(windows: tuple[Window, ...], weights: tuple[int, ...]) -> Reel:
    """A reel of these windows."""
    return Reel(windows, weights, tuple(accumulate(weights)))
