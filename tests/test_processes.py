"""Servers for tests: a forked one is a process of its own, as one that was started is."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests import processes
from tests.forked import Forked
from tests.processes import running


def test_a_fork_has_an_end_of_its_own() -> None:
    """A signal ends the one it was sent to and says so: -9 for a kill, 0 for a clean stop; the
    other goes on, its output and its errors are its own."""
    with running() as one, running("--seed", "7") as other:
        assert one.process.pid != other.process.pid
        one.kill()
        assert one.process.returncode == -signal.SIGKILL
        with pytest.raises(ProcessLookupError):
            os.kill(one.process.pid, 0)
        other.wait_ready()
        with pytest.raises(subprocess.TimeoutExpired):
            other.process.wait(0)
        assert other.stop() == 0
        assert "seed 7" in other.rest_of_output()
        assert other.errors() == ""


def test_a_fork_takes_what_it_is_given(tmp_path: Path) -> None:
    """Arguments, folder and environment; a refusal is its exit code and its stderr."""
    with running("--data", "world", cwd=tmp_path, env={"PLAYMONEY_ADMIN_TOKEN": "t"}) as server:
        assert isinstance(server.process, Forked)
        assert (tmp_path / "world" / "wallet.db").exists()
        asked = processes.playmoney("serve", "--port", "0", "--data", "world", cwd=tmp_path)
    assert asked.returncode == 2
    assert asked.stdout == ""
    assert asked.stderr.startswith("playmoney: --data world: held by another")
