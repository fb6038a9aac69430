"""`python -m simulator …` in a process that was forked from one that has imported it already.

Starting Python and importing a server is two thirds of what it costs to start one; a fork pays it
once for all of a test run. What is forked is a process like any other: a pid, signals, files and an
end of its own, and it shares no memory. What a start by `exec` is worth is proved where
`tests.processes.SERVE_COMMAND` is named (`tests/cli/test_serve.py`).
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["__main__", "tests.preload"])


class Forked:
    """A process that runs `python -m simulator` with some arguments; like `subprocess.Popen`."""

    def __init__(
        self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], stderr: IO[str]
    ) -> None:
        end, begin = os.pipe()
        self.stdout: IO[str] | None = os.fdopen(end)
        with Connection(begin, readable=False) as out, Connection(os.dup(stderr.fileno())) as err:
            self._process = _CONTEXT.Process(
                target=_main, args=(arguments, cwd, dict(env), out, err), daemon=True
            )
            self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it has ended: its exit code, or minus the signal."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same: it is always up to date."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its end. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("playmoney", timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _main(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str], out: Connection, err: Connection
) -> None:
    """What the child does."""
    with out, err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["playmoney", *arguments]
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - as long as the process
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    runpy.run_module("simulator", run_name="__main__", alter_sys=True)
