"""`playmoney backup` and `restore`: one file, one instant, nothing overwritten, everything checked
(JP-81)."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.store.migrate import SCHEMA_VERSION
from tests.cli.command import Command
from tests.ledger.forged import unguarded

NAMES = ("wallet", "rgs", "play", "jackpot")


@pytest.fixture
def saved(playmoney: Command, folder: Path, tmp_path: Path) -> Path:
    """A backup of a folder in which some bets were played."""
    file = tmp_path / "world.tar"
    done = playmoney("backup", "--data", folder, "--to", file)
    assert (done.code, done.err) == (0, ""), done
    assert done.out.startswith("backup: ")
    return file


def digest(playmoney: Command, folder: Path) -> str:
    """The head of the wallet's chain."""
    return playmoney("audit", "head", "--data", folder).out


def test_there_and_back(playmoney: Command, folder: Path, saved: Path, tmp_path: Path) -> None:
    """The restored folder has every party's store with the same head of its chain, keeps its laws,
    and nothing else is left beside it."""
    back = tmp_path / "back"
    done = playmoney("restore", saved, "--data", back)
    assert done.code == 0, done
    assert done.out.startswith("restored: ")
    assert sorted(path.name for path in back.glob("*.db")) == sorted(f"{n}.db" for n in NAMES)
    assert digest(playmoney, back) == digest(playmoney, folder)
    assert playmoney("audit", "verify", "--data", back).code == 0
    assert playmoney("reconcile", "--data", back).code == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_nothing_is_overwritten(
    playmoney: Command, folder: Path, saved: Path, tmp_path: Path
) -> None:
    """Neither a file by a backup nor a world by a restore; an empty folder may be used."""
    before = saved.read_bytes()
    done = playmoney("backup", "--data", folder, "--to", saved)
    assert (done.code, saved.read_bytes()) == (2, before)
    assert "never overwritten" in done.err
    done = playmoney("restore", saved, "--data", folder)
    assert done.code == 2
    assert "not empty" in done.err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert playmoney("restore", saved, "--data", empty).code == 0


def rewritten(saved: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """The same file with its members changed, or left out."""
    with tarfile.open(saved) as tar:
        members = [(one.name, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]
    with tarfile.open(saved, "w") as tar:
        for name, raw in members:
            changed = change(name, raw)
            if changed is not None:
                info = tarfile.TarInfo(name)
                info.size = len(changed)
                tar.addfile(info, io.BytesIO(changed))


def manifest(**more: object) -> Callable[[str, bytes], bytes]:
    def change(name: str, raw: bytes) -> bytes:
        return json.dumps({**json.loads(raw), **more}).encode() if name == "manifest.json" else raw

    return change


WRONG: dict[str, tuple[Callable[[str, bytes], bytes | None], int, str]] = {
    "a changed byte": (
        lambda name, raw: raw[:-1] + b"?" if name == "jackpot.db" else raw,
        1,
        "jackpot.db is not what was backed up",
    ),
    "a store that is missing": (
        lambda name, raw: None if name == "play.db" else raw,
        1,
        "play.db",
    ),
    "no manifest": (
        lambda name, raw: None if name == "manifest.json" else raw,
        2,
        "is no backup",
    ),
    "a manifest of nonsense": (
        lambda name, raw: b"{}" if name == "manifest.json" else raw,
        1,
        "manifest.json cannot be read",
    ),
    "a newer schema": (manifest(schema_version=SCHEMA_VERSION + 1), 2, "this one reads"),
    "a newer form": (manifest(form=2), 2, "this one reads"),
    "another generation": (manifest(generation="9"), 1, "another generation"),
    "without the wallet": (manifest(parts={}), 1, "names"),
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_what_is_wrong_is_found(what: str, playmoney: Command, saved: Path, tmp_path: Path) -> None:
    """Before anything is put in its place: the folder is not made."""
    change, code, said = WRONG[what]
    rewritten(saved, change)
    done = playmoney("restore", saved, "--data", tmp_path / "back")
    assert (done.code, said in done.out + done.err) == (code, True), done
    assert not (tmp_path / "back").exists()


def test_a_forged_row_is_found(playmoney: Command, folder: Path, tmp_path: Path) -> None:
    """A row that was changed by hand before the backup fails the audit chain, though every digest
    is right (QLT-05)."""
    forged = tmp_path / "forged"
    shutil.copytree(folder, forged)
    with unguarded(forged / "wallet.db") as connection:
        connection.execute("UPDATE bet SET win = 900 WHERE bet_id = 'won'")
    file = tmp_path / "forged.tar"
    assert playmoney("backup", "--data", forged, "--to", file).code == 0
    done = playmoney("restore", file, "--data", tmp_path / "back")
    assert done.code == 1
    assert "wallet.db: bet 1" in done.out
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("junk", [b"", b"no tar at all", b"\0" * 1024])
def test_a_file_that_is_none(junk: bytes, playmoney: Command, tmp_path: Path) -> None:
    """One line, exit 1 or 2, no folder."""
    file = tmp_path / "junk"
    file.write_bytes(junk)
    done = playmoney("restore", file, "--data", tmp_path / "back")
    assert done.code in (1, 2)
    assert len((done.out + done.err).splitlines()) == 1
    assert not (tmp_path / "back").exists()


def test_a_folder_without_a_world(playmoney: Command, tmp_path: Path) -> None:
    """There is nothing to save, and no file is made."""
    done = playmoney("backup", "--data", tmp_path, "--to", tmp_path / "world.tar")
    assert done.code == 2
    assert "no world" in done.err
    assert not (tmp_path / "world.tar").exists()
