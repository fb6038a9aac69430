"""The lab package: complete, true to the game and the same bytes every time (RGS-63)."""

import hashlib
import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest

from simulator.rgs.drbg import SpinDice
from simulator.rgs.maths.catalogue import FOLDER, load_games
from simulator.rgs.maths.game import Choice, Game
from simulator.rgs.maths.lab import SEED, log_of, package
from simulator.wire import json as wire

GAMES = load_games()
LOG = jsonschema_rs.Draft202012Validator(json.loads((FOLDER / "spin_log.schema.json").read_bytes()))


@pytest.fixture(scope="module")
def lab() -> dict[str, bytes]:
    raw = package(GAMES["studio:classic_3x3"])
    assert package(GAMES["studio:classic_3x3"]) == raw
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_package_names_what_is_in_it(lab: dict[str, bytes]) -> None:
    """The manifest has the digest of every other file, and the build hash is that of the data."""
    manifest = json.loads(lab["manifest.json"])
    game = GAMES["studio:classic_3x3"]
    assert manifest["build_hash"] == game.data_hash
    assert game.data_hash == "sha256:" + hashlib.sha256(lab["game/game.json"]).hexdigest()
    others = {name: body for name, body in lab.items() if name != "manifest.json"}
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in others.items()}
    assert manifest["sha256"] == digests
    assert "FIXED SEED IS FOR TESTING ONLY" in lab["rng/dossier.txt"].decode()


def test_its_numbers_are_those_of_the_game(lab: dict[str, bytes]) -> None:
    """Every profile and mode has its sheet; simulation and battery have passed."""
    sheets = json.loads(lab["mathematics.json"])
    assert [part["profile"] for part in sheets] == ["rtp_92", "rtp_94", "rtp_96"]
    for part in sheets:
        rtp = GAMES["studio:classic_3x3"].rtp(part["profile"], part["mode"])
        assert part["rtp_exact"] == str(rtp)
    assert all(part["exact"]["within"] for part in json.loads(lab["simulation.json"])["plays"])
    assert all(part["passed"] for part in json.loads(lab["rng/battery.json"])["tests"])


def test_its_logged_spins_can_be_played_again(lab: dict[str, bytes]) -> None:
    """A log line and the seed give the same spin, from the nonce that it keeps (RGS-11)."""
    game = GAMES["studio:classic_3x3"]
    lines = [json.loads(line) for line in lab["logs/spins.ndjson"].splitlines()]
    assert len(lines) == 60
    for line in lines:
        dice = SpinDice.again(SEED, line["nonce"])
        assert wire.encode(log_of(game, line["profile"], line["mode"], dice, None)) == (
            wire.encode(line)
        )


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_every_spin_keeps_the_schema_of_the_log(game: Game) -> None:
    """What any game logs is what the schema in the package says, and no more."""
    choice = Choice(Decimal("2.5")) if game.kind == "crash" else None
    seen = set[str]()
    for mode in game.modes:
        for n in range(150 if mode == "base" else 5):
            dice = SpinDice(SEED, "s", "r", f"{n}")
            line: Any = json.loads(wire.encode(log_of(game, "rtp_96", mode, dice, choice)))
            LOG.validate(line)
            seen |= {step["type"] for step in line["steps"]}
    assert seen
    with pytest.raises(jsonschema_rs.ValidationError):
        LOG.validate(line | {"steps": [{"type": "spun"}]})
