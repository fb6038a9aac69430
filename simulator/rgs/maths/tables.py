"""An automaton as arrays: a million spins are a draw and two or three look-ups each (RGS-13).

Neighbouring reels are taken together into one segment while its table stays small, so that a spin
of five reels is one look-up for the first three and one for the rest. What a spin wins and counts
travels in one whole number: coins below, labels above.
"""

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from simulator.rgs.maths.automaton import Automaton, Layer
from simulator.rgs.maths.reels import Reel

Ints = NDArray[np.int64]
Index = NDArray[np.int32]

SEGMENT = 1 << 16
"""Entries of one table: it stays in the second-level cache, which is worth another look-up."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Some neighbouring reels: where each state and stop leads, and what it adds."""

    width: int
    """Stops of these reels together."""
    after: Index
    """State × width + stop → next state × the next segment's width."""
    gain: Ints
    """The same → coins and labels."""


class Spinner:
    """Spins of some reels, by the thousand."""

    def __init__(self, automaton: Automaton, held: int | None = None) -> None:
        self._reels = [layer.reel for layer in automaton.layers]
        self._held = held
        """A reel whose stops are handed in."""
        most = sum(max(c for row in layer.edges for _, c in row) for layer in automaton.layers)
        self.coin_bits = most.bit_length()
        self._segments = _segments(automaton.layers, self.coin_bits)
        self._uniform = held is None and all(len(set(r.weights)) == 1 for r in self._reels)
        self._size = prod(len(reel.windows) for reel in self._reels)
        self._lookups = [_lookup(reel) for reel in self._reels]

    def spin(self, plays: int, rng: np.random.Generator, stops: Index | None = None) -> Ints:
        """The packed gains of so many spins; `stops` are those of the held reel."""
        parts = self._joint(plays, rng) if self._uniform else self._apart(plays, rng, stops)
        at = parts[0]
        gains = self._segments[0].gain[at]
        for before, segment, part in zip(
            self._segments, self._segments[1:], parts[1:], strict=False
        ):
            at = before.after[at] + part
            gains += segment.gain[at]
        return gains

    def _joint(self, plays: int, rng: np.random.Generator) -> list[Index]:
        """One draw for all reels: where every stop is as likely, so is every set of them."""
        kind = np.uint32 if self._size <= 1 << 32 else np.uint64
        rest = rng.integers(0, self._size, plays, dtype=kind)
        parts = []
        for segment in reversed(self._segments[1:]):
            above = rest // kind(segment.width)
            parts.append((rest - above * kind(segment.width)).astype(np.int32))
            rest = above
        return [rest.astype(np.int32), *reversed(parts)]

    def _apart(self, plays: int, rng: np.random.Generator, stops: Index | None) -> list[Index]:
        """A draw for each reel, through its weights."""
        drawn: list[Index] = []
        for at, (reel, lookup) in enumerate(zip(self._reels, self._lookups, strict=True)):
            if at == self._held and stops is not None:
                drawn.append(stops)
            else:
                draws = rng.integers(0, reel.total, plays, dtype=np.uint32)
                drawn.append(draws.astype(np.int32) if lookup is None else lookup[draws])
        parts, reels = [], iter(zip(self._reels, drawn, strict=True))
        for segment in self._segments:
            part, width = np.zeros(plays, dtype=np.int32), 1
            while width < segment.width:
                reel, stop = next(reels)
                part = part * np.int32(len(reel.windows)) + stop
                width *= len(reel.windows)
            parts.append(part)
        return parts


def _lookup(reel: Reel) -> Index | None:
    if set(reel.weights) == {1}:
        return None
    return np.repeat(np.arange(len(reel.windows), dtype=np.int32), reel.weights)


def _segments(layers: tuple[Layer, ...], coin_bits: int) -> list[Segment]:
    """Merge the layers, from the left, into as few tables as may be.

    A reel of one window has no width of its own and is always merged with its neighbour.
    """
    merged: list[tuple[Index, Ints]] = []
    for layer in layers:
        after = np.array([[a for a, _ in row] for row in layer.edges], dtype=np.int32)
        coins = np.array([[c for _, c in row] for row in layer.edges], dtype=np.int64)
        gain = coins + (np.array(layer.labels, dtype=np.int64) << coin_bits)
        joined = merged[-1][0].shape[0] * merged[-1][0].shape[1] * after.shape[1] if merged else 0
        if merged and (joined <= SEGMENT or after.shape[1] == 1):
            first_after, first_gain = merged[-1]
            states = first_after.shape[0]
            both = (first_gain[:, :, None] + gain[first_after]).reshape(states, -1)
            merged[-1] = (after[first_after].reshape(states, -1), both)
        else:
            merged.append((after, gain))
    widths = [after.shape[1] for after, _ in merged[1:]] + [1]
    return [
        Segment(after.shape[1], (after * np.int32(width)).reshape(-1), gain.reshape(-1))
        for (after, gain), width in zip(merged, widths, strict=True)
    ]
