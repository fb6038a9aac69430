"""A data folder belongs to one server at a time, and to one seed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.base.errors import ConfigError, StoreBusy
from simulator.settings import Settings
from simulator.store.folder import DataFolder
from simulator.world import Worlds
from tests.processes import ROOT
from tests.support import CONTRACTS, sandbox


def _open_world(folder: Path, seed: int | None = None) -> None:
    Worlds(Settings(data=folder, seed=seed), CONTRACTS, lambda _: None)


def test_a_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    """Parents included."""
    DataFolder(tmp_path / "a" / "b").close()
    assert (tmp_path / "a" / "b").is_dir()


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    """The line names the folder and the process that holds it; the holder keeps it."""
    held = DataFolder(tmp_path)
    for _ in range(2):
        with pytest.raises(StoreBusy) as refused:
            DataFolder(tmp_path)
        assert str(refused.value) == (
            f"--data {tmp_path}: held by another playmoney server (process {os.getpid()})"
        )
    held.close()


def test_a_closed_folder_can_be_taken(tmp_path: Path) -> None:
    """Let go on close, again and again."""
    for _ in range(3):
        DataFolder(tmp_path).close()


def test_a_killed_holder_has_let_go(tmp_path: Path) -> None:
    """However a process ends: no stale lock has to be removed by hand. Until then it holds."""
    hold = (
        "import sys, time; from pathlib import Path; from simulator.store.folder import DataFolder"
    )
    command = (
        f"{hold}; f = DataFolder(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", command, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(StoreBusy, match=rf"\(process {holder.pid}\)"):
                DataFolder(tmp_path)
        finally:
            holder.send_signal(signal.SIGKILL)
    DataFolder(tmp_path).close()


def test_a_child_does_not_keep_the_folder(tmp_path: Path) -> None:
    """What a holder starts does not inherit the lock and hold on after it."""
    held = DataFolder(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        held.close()
        DataFolder(tmp_path).close()
        child.communicate(b"\n")


def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in its place or above it, a lock that is none, no permission: one line that names the
    folder, the reason and the remedy."""
    (tmp_path / "file").write_text("")
    (tmp_path / "odd" / "lock").mkdir(parents=True)
    for name in ("file", "file/below", "odd"):
        with pytest.raises(ConfigError, match=r"cannot be written \(.+\); name a folder that can"):
            DataFolder(tmp_path / name)

    def forbid(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbid)  # chmod would not stop root
    with pytest.raises(ConfigError) as refused:
        DataFolder(tmp_path)
    assert str(refused.value) == (
        f"--data {tmp_path}: cannot be written (Permission denied); name a folder that can"
    )


async def test_another_seed_is_refused(tmp_path: Path) -> None:
    """A world keeps the seed it was made with: another one on the command line would be ignored
    or wrong, so it is refused, and the folder is free again. (SBX-02)"""
    async with sandbox(tmp_path, seed=7):
        pass
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"--seed 8: the world in .* was made with seed 7"):
            _open_world(tmp_path, seed=8)
    for seed in (7, None):
        async with sandbox(tmp_path, seed=seed) as box:
            assert box.world.rng.seed == 7
