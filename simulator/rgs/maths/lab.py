"""The lab package of a game: what a test laboratory asks for, in one zip (RGS-63).

The same release writes the same bytes: every number comes from the game's data or a fixed seed,
entries carry no time, and nothing is compressed (zlib's releases differ in what they write).
"""

import hashlib
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

import msgspec
import numpy as np

from simulator import __version__
from simulator.rgs.drbg import SpinDice
from simulator.rgs.maths import battery
from simulator.rgs.maths.catalogue import FOLDER, SCHEMA
from simulator.rgs.maths.game import Choice, Game
from simulator.rgs.maths.sheet import sheet
from simulator.rgs.maths.simulate import report, simulate

SEED = 42
SPINS = 1_000_000
SAMPLES = 20
TARGETS = (Decimal("1.01"), Decimal("2.00"), Decimal("100.00"))

_encode = msgspec.json.Encoder(decimal_format="number").encode

README = """\
Lab package of {title} ({game_id})

Written by playmoney {version}, a simulator with fake money. It certifies nothing and no laboratory
has seen it: it has the form of what a laboratory asks for, with true numbers in it.

mathematics.json    exact return, hit frequency, variance, highest win and its odds, of every
                    profile and mode; computed as fractions from game/game.json, not measured
simulation.json     {spins} plays of each of them with seed {seed}, beside the exact law
rng/dossier.txt     how numbers are made, and how a spin is played again
rng/battery.json    statistical tests of the generator at 99 % (GLI-19 3.2.2)
logs/               schemas of the game data and of a spin's log, and spins that were logged so
game/game.json      the game in its canonical form; its SHA-256 is the build hash below
manifest.json       SHA-256 of every file

build hash  {build_hash}
mechanics   {mechanics_version}
"""

DOSSIER = """\
Generator   HMAC_DRBG with SHA-256, NIST SP 800-90A rev. 1 section 10.1.2, without prediction
            resistance; held to NIST's CAVP vectors by the project's tests
One spin    entropy input    SHA-256("playmoney seed" + kind + seed), kind 0x00 for a number of 8
                             bytes, big-endian, and 0x01 for bytes
            nonce            SHA-256(MessagePack([session_id, round_id, spin_id])), in the log
            personalization  "playmoney spin 1"
Numbers     below(n): the first ceil(bits / 8) bytes of the stream as a big-endian number, shifted
            right to bits = bit length of n - 1, drawn anew where it is n or more; the stream is
            generated in requests of 64 bytes
Replay      seed and nonce give the same draws, and mechanics version and build the same outcome
Limits      A FIXED SEED IS FOR TESTING ONLY. Who knows the seed knows every outcome. A certified
            generator takes its entropy from an approved source; this one has none, on purpose.

Known draws (seed {seed}, session "s-1", round "r-1", spin "spin-1")
nonce       {nonce}
below       {draws}
"""


def package(game: Game) -> bytes:
    """The zip's bytes: the same for the same release and game."""
    files = dict(_files(game))
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    files["manifest.json"] = _json({"build_hash": game.data_hash, "sha256": digests})
    return _zip(files)


def log_of(
    game: Game, profile: str, mode: str, dice: SpinDice, choice: Choice | None
) -> dict[str, Any]:
    """Play one spin at the smallest stake, as it is logged (`spin_log.schema.json`)."""
    stake = game.limits(mode).min_minor
    outcome = game.play(profile, mode, stake, dice, choice)
    target = {} if choice is None else {"target": choice.target}
    return {
        "game_id": game.game_id,
        "build_hash": game.data_hash,
        "mechanics_version": game.mechanics_version,
        "profile": profile,
        "mode": mode,
        **target,
        "seed_fingerprint": dice.seed_fingerprint,
        "nonce": dice.nonce,
        "stake_minor": stake,
        "win_minor": outcome.win_minor,
        "draws": outcome.draws,
        "symbols": outcome.symbols,
        "features": outcome.features,
        "steps": outcome.steps,
    }


def _files(game: Game) -> list[tuple[str, bytes]]:
    choices = _choices(game)
    played = [
        (profile, mode, choice)
        for profile in game.profiles
        for mode in game.modes
        for choice in choices
    ]
    return [
        ("README.txt", _readme(game).encode()),
        ("mathematics.json", _json([sheet(game, *each) for each in played])),
        ("simulation.json", _json(_simulation(game, played))),
        ("rng/dossier.txt", _dossier().encode()),
        ("rng/battery.json", _json(_battery())),
        ("logs/game.schema.json", SCHEMA.read_bytes()),
        ("logs/spin_log.schema.json", (FOLDER / "spin_log.schema.json").read_bytes()),
        ("logs/spins.ndjson", _samples(game, played)),
        ("game/game.json", game.canonical),
        ("game/build_hash.txt", f"{game.data_hash}\n".encode()),
    ]


def _choices(game: Game) -> list[Choice | None]:
    return [Choice(target) for target in TARGETS] if game.kind == "crash" else [None]


def _readme(game: Game) -> str:
    return README.format(
        title=game.title,
        game_id=game.game_id,
        version=__version__,
        spins=SPINS,
        seed=SEED,
        build_hash=game.data_hash,
        mechanics_version=game.mechanics_version,
    )


def _simulation(game: Game, played: list[tuple[str, str, Choice | None]]) -> dict[str, Any]:
    reports = []
    for profile, mode, choice in played:
        *_, tally = simulate(game, profile, mode, SPINS, SEED, choice)
        reports.append(report(game, profile, mode, tally, choice))
    generator = f"numpy {np.__version__}, PCG64DXSM"
    return {"seed": SEED, "generator": generator, "confidence": "99.9 %", "plays": reports}


def _dossier() -> str:
    dice = SpinDice(SEED, "s-1", "r-1", "spin-1")
    bounds = (6, 52, 1000, 10**9, 2**64)
    draws = ", ".join(f"below({bound}) = {dice.below(bound)}" for bound in bounds)
    return DOSSIER.format(seed=SEED, nonce=dice.nonce, draws=draws)


def _battery() -> dict[str, Any]:
    verdicts = battery.run(SpinDice(SEED, "battery", "round", "spin"))
    return {
        "seed": SEED,
        "confidence": "99 %",
        "tests": [
            {
                "test": verdict.test,
                "draws": verdict.draws,
                "statistic": verdict.statistic,
                "interval": [verdict.low, verdict.high],
                "passed": verdict.passed,
            }
            for verdict in verdicts
        ],
    }


def _samples(game: Game, played: list[tuple[str, str, Choice | None]]) -> bytes:
    lines = []
    for profile, mode, choice in played:
        for n in range(1, SAMPLES + 1):
            dice = SpinDice(SEED, "s-lab", "r-lab", f"{profile}-{mode}-{n}")
            lines.append(_encode(log_of(game, profile, mode, dice, choice)) + b"\n")
    return b"".join(lines)


def _json(value: Any) -> bytes:
    return msgspec.json.format(_encode(value), indent=2) + b"\n"


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # the same on every machine
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()
