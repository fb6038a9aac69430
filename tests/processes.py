"""Real servers for tests: each on a free port of 127.0.0.1, each ended by its own pid."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.forked import Forked

ROOT = Path(__file__).resolve().parent.parent
SERVE = ("-m", "simulator", "serve", "--port", "0")
SERVE_COMMAND = (sys.executable, *SERVE)
"""A server as a user starts it, which takes a second longer than a fork."""

NEVER_GIVEN = range(20_000, 32_768)
"""Ports below those that a system gives to whoever asks for any, connections included: one that was
found free is not taken by chance before it is used, or while its server is started again."""

ENDS_WITHIN_S = 120
"""A server that has not ended by then hangs; far above the 10 s it gives to running calls."""


@dataclass
class Server:
    """A server process that has said where it listens."""

    process: subprocess.Popen[str] | Forked
    url: str
    first_line: str
    errors_file: IO[str]

    def wait_ready(self) -> None:
        """Ask for its health until it answers."""
        for _ in range(3_000):
            try:
                with urllib.request.urlopen(f"{self.url}/__admin/health", timeout=60):
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"no answer from {self.url}: {self.errors()}")

    def kill(self) -> None:
        """End it as a power failure would: no handler runs."""
        self.process.kill()
        self.process.wait(ENDS_WITHIN_S)

    def terminate(self) -> None:
        """Ask it to stop, and do not wait."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return self.process.wait(ENDS_WITHIN_S)

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        self.terminate()
        return self.wait()

    def rest_of_output(self) -> str:
        """What else it has printed; it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def errors(self) -> str:
        """Everything on its stderr so far."""
        self.errors_file.seek(0)
        return self.errors_file.read()

    def let_go(self) -> None:
        """End it if it still runs, and close its pipes."""
        if self.process.poll() is None:
            self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.errors_file.close()


def start(
    *options: str,
    command: Sequence[str] | None = None,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> Server:
    """Start a server and wait for its first line, which says where it listens: by this command,
    else by a fork of a process that has imported it."""
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `let_go`
    environment = {**clean_environment(), **(env or {})}
    process: subprocess.Popen[str] | Forked
    if command is None:
        process = Forked((*SERVE[2:], *options), cwd, environment, errors)
    else:
        process = subprocess.Popen(
            [*command, *options],
            cwd=cwd,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    url = next((word for word in line.split() if word.startswith("http://")), "")
    server = Server(process, url, line, errors)
    if not url:
        process.wait(ENDS_WITHIN_S)
        said = server.errors()
        server.let_go()
        raise AssertionError(f"exit {process.returncode} without an address: {line}{said}")
    return server


@contextmanager
def running(
    *options: str,
    command: Sequence[str] | None = None,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server for the length of a block."""
    server = start(*options, command=command, cwd=cwd, env=env)
    try:
        yield server
    finally:
        server.let_go()


def run(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments to its end."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**clean_environment(), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_WITHIN_S,
    )


def playmoney(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a command of playmoney's to its end, in a fork."""
    with tempfile.TemporaryFile("w+") as errors:
        process = Forked(arguments, cwd, {**clean_environment(), **(env or {})}, errors)
        assert process.stdout is not None
        with process.stdout:
            said = process.stdout.read()
        code = process.wait(ENDS_WITHIN_S)
        errors.seek(0)
        return subprocess.CompletedProcess(["playmoney", *arguments], code, said, errors.read())


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, and that nobody is given who asks for any."""
    for _ in range(100):
        port = secrets.choice(NEVER_GIVEN)
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")


def clean_environment() -> dict[str, str]:
    """This environment, without what would configure a server, and with bytecode kept: what many
    servers import is compiled once."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PLAYMONEY_") and name != "PYTHONDONTWRITEBYTECODE"
    }
