"""What one window of all reels pays, read plainly from the rules: the reference for all else.

The exact mathematics (`automaton`) and the simulation walk through tables; they have to agree with
these few lines, and tests hold them to it.
"""

from collections.abc import Iterator, Sequence
from math import prod

import msgspec

from simulator.rgs.maths.reels import Window
from simulator.rgs.maths.rules import Pays


class Win(msgspec.Struct, frozen=True, gc=False):
    """One line, way or scatter that pays."""

    symbol: str
    length: int
    coins: int
    line: int | None = None
    """Number of the line, from 1; None for ways and scatters."""
    ways: int = 1

    def as_json(self) -> dict[str, str | int | None]:
        """As a step tells it; written out, as `dataclasses.asdict` takes ten times as long."""
        return {
            "symbol": self.symbol,
            "length": self.length,
            "coins": self.coins,
            "line": self.line,
            "ways": self.ways,
        }


def wins(pays: Pays, windows: Sequence[Window]) -> list[Win]:
    """All that these windows pay, one for each reel, from the left."""
    found = _by_ways(pays, windows) if pays.lines is None else _by_lines(pays, windows)
    return [*found, *_anywhere(pays, windows)]


def count(windows: Sequence[Window], symbol: str) -> int:
    """How often a symbol shows."""
    return sum([window.count(symbol) for window in windows])


def _by_lines(pays: Pays, windows: Sequence[Window]) -> list[Win]:
    """Each line by the better of its two readings: its leading wilds by themselves, or the first
    other symbol with wilds in its stead. A scatter ends a line.

    Where one symbol alone pays nothing, lines that end at their second are seen to at once.
    """
    wild, scatters, table = pays.wild, pays.scatters, pays.of
    first_reel, second_reel, one_pays = windows[0], windows[1], pays.shortest == 1
    found = []
    for first_row, second_row, lines in pays.openings:
        opens, follows = first_reel[first_row], second_reel[second_row]
        if opens not in (follows, wild) and follows != wild and not one_pays:
            continue
        for number, rows in lines:
            first = None
            wilds = length = 0
            for window, row in zip(windows, rows, strict=True):
                symbol = window[row]
                if symbol == wild:
                    wilds += first is None
                elif first is None and symbol not in scatters:
                    first = symbol
                elif symbol != first:
                    break
                length += 1
            by_wilds = table(wild, wilds) if wild and wilds else 0
            coins = table(first, length) if first else 0
            if by_wilds >= coins and by_wilds:
                found.append(Win(wild or "", wilds, by_wilds, number))
            elif coins:
                found.append(Win(first or "", length, coins, number))
    return sorted(found, key=_line) if len(found) > 1 else found


def _line(win: Win) -> int:
    return win.line or 0


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
    for symbol in pays.anywhere:
        shown = count(windows, symbol)
        coins = pays.of(symbol, shown)
        if coins:
            yield Win(symbol, shown, coins)
