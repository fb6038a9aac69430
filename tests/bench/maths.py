"""The studio: plays a second on one core, and seconds for the exact law of its slowest game.

All of it is one thread and no I/O, so its own CPU time is what counts.
"""

import time
from decimal import Decimal
from statistics import median

from simulator.rgs.drbg import SpinDice
from simulator.rgs.maths.catalogue import FOLDER, load_games, read_folder
from simulator.rgs.maths.game import Choice
from simulator.rgs.maths.simulate import simulate
from tests.bench.load import Measure

TURNS = 3
PLAYS = 20 << 20
SPINS = 5_000


def measures() -> list[Measure]:
    """Simulation of the lines slot, features included; scalar spins; exact mathematics."""
    return [_simulated(), _played(), _exact()]


def _simulated() -> Measure:
    game = load_games()["studio:slot_forge_02"]
    samples = []
    for turn in range(TURNS):
        batches = simulate(game, "rtp_96", "base", PLAYS, turn)
        first = next(batches).plays  # builds the tables
        before = time.process_time()
        *_, last = batches
        samples.append((last.plays - first) / (time.process_time() - before))
    return Measure("simulate_spins_per_s", round(median(samples)), "1/s", samples)


def _played() -> Measure:
    """Spins as players get them: dice of their own, every step told."""
    game = load_games()["studio:slot_forge_02"]
    stake = game.limits().min_minor
    samples = []
    for turn in range(TURNS):
        before = time.process_time()
        for n in range(SPINS):
            game.play("rtp_96", "base", stake, SpinDice(turn, "s", "r", f"{n}"))
        samples.append(SPINS / (time.process_time() - before))
    return Measure("scalar_spins_per_s", round(median(samples)), "1/s", samples)


def _exact() -> Measure:
    """The slowest game: every profile and mode, from nothing."""
    slowest = []
    for _ in range(TURNS):
        seconds = []
        for game in read_folder(FOLDER).values():
            choice = Choice(Decimal(2)) if game.kind == "crash" else None
            before = time.process_time()
            for profile in game.profiles:
                for mode in game.modes:
                    game.stats(profile, mode, choice)
            seconds.append(time.process_time() - before)
        slowest.append(max(seconds))
    return Measure("exact_maths_s", round(median(slowest), 2), "s", slowest)
