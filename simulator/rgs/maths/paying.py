"""What one window of all reels pays, read plainly from the rules: the reference for all else.

The exact mathematics (`automaton`) and the simulation walk through tables; they have to agree with
these few lines, and tests hold them to it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from simulator.rgs.maths.reels import Window
from simulator.rgs.maths.rules import Pays


@dataclass(frozen=True, slots=True)
class Win:
    """One line, way or scatter that pays."""

    symbol: str
    length: int
    coins: int
    line: int | None = None
    """Number of the line, from 1; None for ways and scatters."""
    ways: int = 1


def wins(pays: Pays, windows: Sequence[Window]) -> list[Win]:
    """All that these windows pay, one for each reel, from the left."""
    found = _by_ways(pays, windows) if pays.lines is None else _by_lines(pays, windows)
    return [*found, *_anywhere(pays, windows)]


def count(windows: Sequence[Window], symbol: str) -> int:
    """How often a symbol shows."""
    return sum(window.count(symbol) for window in windows)


def _by_lines(pays: Pays, windows: Sequence[Window]) -> Iterator[Win]:
    for number, rows in enumerate(pays.lines or (), 1):
        line = [window[row] for window, row in zip(windows, rows, strict=True)]
        best = max(_of_line(pays, line), key=lambda win: win.coins)
        if best.coins:
            yield Win(best.symbol, best.length, best.coins, number)


def _of_line(pays: Pays, line: Sequence[str]) -> Iterator[Win]:
    """The two ways to read a line: its leading wilds by themselves, and the first other symbol with
    wilds in its stead. The higher one counts.
    """
    wilds = next((n for n, symbol in enumerate(line) if symbol != pays.wild), len(line))
    yield Win(pays.wild or "", wilds, pays.of(pays.wild or "", wilds))
    if wilds < len(line) and line[wilds] not in pays.scatters:
        first = line[wilds]
        length = next(
            (n for n, symbol in enumerate(line) if symbol not in (first, pays.wild)), len(line)
        )
        yield Win(first, length, pays.of(first, length))


def _by_ways(pays: Pays, windows: Sequence[Window]) -> Iterator[Win]:
    for symbol in dict.fromkeys(windows[0]):
        if symbol in pays.scatters:
            continue
        counts = []
        for window in windows:
            here = sum(shown in (symbol, pays.wild) for shown in window)
            if not here:
                break
            counts.append(here)
        ways = prod(counts)
        coins = pays.of(symbol, len(counts)) * ways
        if coins:
            yield Win(symbol, len(counts), coins, ways=ways)


def _anywhere(pays: Pays, windows: Sequence[Window]) -> Iterator[Win]:
    for symbol in sorted(pays.scatters):
        shown = count(windows, symbol)
        coins = pays.of(symbol, shown)
        if coins:
            yield Win(symbol, shown, coins)
