"""Millions of plays at once, to hold the exact mathematics against chance (RGS-13).

The generator is numpy's PCG64DXSM: fast, seeded, and not the studio's dice. It answers "is this law
true?", never "what did this spin win?". Wins are added up as whole numbers.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from simulator.base.exact import number
from simulator.rgs.maths.crash import HUNDREDTHS, CrashGame
from simulator.rgs.maths.game import Choice, Game
from simulator.rgs.maths.plays import BATCH, SlotPlays, Tally
from simulator.rgs.maths.sheet import exact_interval, interval
from simulator.rgs.maths.slot import SlotGame


def simulate(
    game: Game, profile: str, mode: str, plays: int, seed: int, choice: Choice | None = None
) -> Iterator[Tally]:
    """Play, and yield the tally so far after each batch; the last one has all plays.

    The same game, profile, mode, number of plays and seed give the same tally.
    """
    rng = np.random.Generator(np.random.PCG64DXSM(seed))
    tally = Tally()
    if isinstance(game, CrashGame):
        player: _Crash | SlotPlays = _Crash(game, profile, mode, choice)
    elif isinstance(game, SlotGame):
        player = SlotPlays(game, profile, mode)
    else:
        raise TypeError(f"{game.game_id} is neither a slot nor a crash game")
    while tally.plays < plays:
        player.play(min(BATCH, plays - tally.plays), rng, tally)
        yield tally


def report(
    game: Game, profile: str, mode: str, tally: Tally, choice: Choice | None
) -> dict[str, Any]:
    """What a tally says, beside the exact law of the same plays."""
    cost, plays = game.cost(mode), tally.plays
    mean = Fraction(tally.coins, plays * cost)
    spread = Fraction(tally.squares, plays * cost**2) - mean * mean
    law = game.stats(profile, mode, choice)
    low, high = exact_interval(law, cost, plays)
    rtp = number(mean)
    return {
        "game_id": game.game_id,
        "build_hash": game.data_hash,
        "profile": profile,
        "mode": mode,
        **({} if choice is None else {"target": choice.target}),
        "spins": plays,
        "rtp": rtp,
        "interval": list(interval(mean, spread, plays)),
        "confidence": number(Fraction(999, 1000)),
        "hit_frequency": number(Fraction(tally.hits, plays)),
        "variance": number(spread),
        "max_win": number(Fraction(tally.most, cost)),
        "exact": {
            "rtp": number(law.mean / cost),
            "interval": [low, high],
            "within": low <= rtp <= high,
            "hit_frequency": number(1 - law.nothing),
            "variance": number(law.variance / cost**2),
        },
    }


class _Crash:
    """Plays with one target: a draw of 64 bits against the chance, cut to 64 bits."""

    def __init__(self, game: CrashGame, profile: str, mode: str, choice: Choice | None) -> None:
        self._target = game.target(choice)
        chance = game.rtp(profile, mode) * HUNDREDTHS / self._target
        self._bound = np.uint64(min((chance.numerator << 64) // chance.denominator, 2**64 - 1))

    def play(self, plays: int, rng: np.random.Generator, tally: Tally) -> None:
        draws = rng.integers(0, np.iinfo(np.uint64).max, plays, dtype=np.uint64, endpoint=True)
        tally.add(np.where(draws < self._bound, np.int64(self._target), np.int64(0)))
