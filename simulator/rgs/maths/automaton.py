"""All windows of all reels at once: a walk from reel to reel through the states that still matter.

Most prefixes of a spin are alike: their lines are dead, or alive with the same symbols. Taking
equal states together turns a cycle of 24 million stops into some ten thousand edges, and leaves
none out. The exact mathematics adds weights up along the edges; the simulation walks them.

A state is what is alive after some reels. By lines: (line, symbol, coins that its leading wilds are
worth by themselves); by ways: (symbol, ways so far). An edge says which state follows and how many
coins the wins that end here pay. Scatters are counted apart, in the `label` of a window.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.rgs.maths.reels import Reel, Reels, Window
from simulator.rgs.maths.rules import Pays

State = tuple[Any, ...]
Edge = tuple[int, int]
"""Number of the next state (0 after the last reel), and coins."""

LABEL_BITS = 6
"""A count of symbols is below 64: at most 8 reels of 6 rows."""

_WILDS = ""
"""The symbol of a line that has shown wilds only."""

Step = Callable[[State, int, Window], tuple[State, int]]


@dataclass(frozen=True, slots=True)
class Layer:
    """One reel: for each state before it, the edge of each window."""

    reel: Reel
    labels: tuple[int, ...]
    """Counts of the tracked symbols in each window, packed."""
    edges: tuple[tuple[Edge, ...], ...]


@dataclass(frozen=True, slots=True)
class Automaton:
    """The layers of some reels; `tracked` names the symbols that labels count."""

    layers: tuple[Layer, ...]
    tracked: tuple[str, ...]
    anywhere: tuple[tuple[int, dict[int, int]], ...]
    """Position of a scatter that pays → count → coins."""

    def scattered(self, label: int) -> int:
        """Coins that the counts in a label pay."""
        return sum(pays.get(counted(label, at), 0) for at, pays in self.anywhere)


def counted(label: int, at: int) -> int:
    """The count of one tracked symbol in a label."""
    return label >> at * LABEL_BITS & (1 << LABEL_BITS) - 1


def build(pays: Pays, reels: Reels, tracked: Sequence[str]) -> Automaton:
    """The automaton of some reels. Windows of weight 0 are kept, as nothing draws them."""
    symbols = tuple(dict.fromkeys([*tracked, *sorted(pays.scatters & pays.table.keys())]))
    step = _by_ways(pays, len(reels))
    states: list[State] = [()]
    if pays.lines is not None:
        step = _by_lines(pays, pays.lines, len(reels))
        states = [tuple((line, _WILDS, 0) for line in range(len(pays.lines)))]
    layers = []
    for at, reel in enumerate(reels):
        known: dict[State, int] = {}
        rows = []
        distinct = list(dict.fromkeys(reel.windows))
        for state in states:
            found = {}
            for window in distinct:
                following, coins = step(state, at, window)
                found[window] = (known.setdefault(following, len(known)), coins)
            rows.append(tuple(found[window] for window in reel.windows))
        labels = tuple(_label(window, symbols) for window in reel.windows)
        layers.append(Layer(reel, labels, tuple(rows)))
        states = list(known)
    paid = tuple(
        (at, dict(pays.table[symbol]))
        for at, symbol in enumerate(symbols)
        if symbol in pays.scatters and symbol in pays.table
    )
    return Automaton(tuple(layers), symbols, paid)


def law(automaton: Automaton) -> dict[tuple[int, int], int]:
    """(label, coins) → weight, over the whole cycle of the reels; scatter pays are in the coins."""
    now: dict[int, dict[tuple[int, int], int]] = {0: {(0, 0): 1}}
    for layer in automaton.layers:
        following: dict[int, dict[tuple[int, int], int]] = {}
        for state, weights in now.items():
            grouped: dict[tuple[int, int, int], int] = {}
            for (after, coins), label, weight in zip(
                layer.edges[state], layer.labels, layer.reel.weights, strict=True
            ):
                key = (after, coins, label)
                grouped[key] = grouped.get(key, 0) + weight
            for (after, coins, label), weight in grouped.items():
                into = following.setdefault(after, {})
                for (label_so_far, coins_so_far), times in weights.items():
                    total = (label_so_far + label, coins_so_far + coins)
                    into[total] = into.get(total, 0) + times * weight
        now = following
    found: dict[tuple[int, int], int] = {}
    for weights in now.values():
        for (label, coins), weight in weights.items():
            if weight:
                key_of = (label, coins + automaton.scattered(label))
                found[key_of] = found.get(key_of, 0) + weight
    return found


def _label(window: Window, symbols: Sequence[str]) -> int:
    return sum(window.count(symbol) << at * LABEL_BITS for at, symbol in enumerate(symbols))


def _by_lines(pays: Pays, lines: tuple[tuple[int, ...], ...], width: int) -> Step:
    """The step of lines. It is the innermost loop of the exact mathematics, so it looks pays up in
    one flat table and rows reel by reel.
    """
    wild, scatters = pays.wild, pays.scatters
    coins_of = {(symbol, n): c for symbol, row in pays.table.items() for n, c in row.items()}.get
    rows_of = list(zip(*lines, strict=True))

    def step(state: State, at: int, window: Window) -> tuple[State, int]:
        alive = []
        won = 0
        last = at + 1 == width
        rows = rows_of[at]
        for line, target, floor in state:
            shown = window[rows[line]]
            if target == _WILDS:
                if shown == wild:
                    next_one = (line, _WILDS, coins_of((shown, at + 1), 0))
                elif shown in scatters:
                    won += floor
                    continue
                else:
                    next_one = (line, shown, floor)
            elif shown in (target, wild):
                next_one = (line, target, floor)
            else:
                ends = coins_of((target, at), 0)
                won += ends if ends > floor else floor
                continue
            if last:
                won += max(coins_of((next_one[1], width), 0), next_one[2])
            else:
                alive.append(next_one)
        return tuple(alive), won

    return step


def _by_ways(pays: Pays, width: int) -> Step:
    wild, scatters, table = pays.wild, pays.scatters, pays.of

    def step(state: State, at: int, window: Window) -> tuple[State, int]:
        if at == 0:
            paying = sorted(set(window) & pays.table.keys() - scatters)
            state = tuple((symbol, 1) for symbol in paying)
        alive = []
        won = 0
        for symbol, ways in state:
            here = sum(shown in (symbol, wild) for shown in window)
            if not here:
                won += table(symbol, at) * ways
            elif at + 1 == width:
                won += table(symbol, width) * ways * here
            else:
                alive.append((symbol, ways * here))
        return tuple(alive), won

    return step
