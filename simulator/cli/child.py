"""A sandbox as a child process: started, found by its first line, always stopped by its id."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.base.errors import ConfigError

START_WITHIN_S = 30
STOP_WITHIN_S = 15
"""Longer than the server itself waits for what it has begun."""


@contextmanager
def sandbox_process(folder: Path, seed: int) -> Iterator[str]:
    """The URL of a server on a free port with its world in `folder`.

    Raises ConfigError with the server's own words where it does not start.
    """
    said, complained = folder / "serve.out", folder / "serve.err"
    command = [sys.executable, "-m", "simulator", "serve", "--port", "0"]
    command += ["--data", str(folder / "world"), "--seed", str(seed)]
    with said.open("wb") as out, complained.open("wb") as err:
        server = subprocess.Popen(command, stdout=out, stderr=err)  # noqa: S603 - our own command
    try:
        yield _wait_for_url(server, said, complained)
    finally:
        _stop(server)


def _wait_for_url(server: subprocess.Popen[bytes], said: Path, complained: Path) -> str:
    deadline_s = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline_s:
        stopped = server.poll() is not None
        line, newline, _ = said.read_text().partition("\n")
        found = re.search(r"http://\S+", line)
        if found and newline:
            return found[0]
        if stopped:
            words = complained.read_text().strip().splitlines() or [f"exit {server.returncode}"]
            raise ConfigError(f"the sandbox did not start: {words[-1].removeprefix('playmoney: ')}")
        time.sleep(0.02)
    raise ConfigError(f"the sandbox did not start within {START_WITHIN_S} s")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
