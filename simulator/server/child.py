"""A server as a child process: started, found by its first line, always stopped by its id.

It stops by itself when its parent is gone: its stdin is a pipe whose other end only the parent has.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from simulator.base.errors import ConfigError

START_WITHIN_S = 30
STOP_WITHIN_S = 15
"""Longer than the server itself waits for what it has begun."""

SERVE = (sys.executable, "-P", "-m", "simulator", "serve")
"""Without the current folder in front of the path (`-P`), which may hold another `simulator`."""

PACKAGES = Path(__file__).resolve().parents[2]
"""Where this copy of the package is, installed or not: the child is the same one."""


class Child:
    """A server on a free port of 127.0.0.1; what it prints goes into `folder`.

    It has these options and no others: PLAYMONEY_* of the environment configure other servers.
    """

    def __init__(self, folder: Path, *options: str, command: Sequence[str] = SERVE) -> None:
        self._said, self._complained = folder / "serve.out", folder / "serve.err"
        self._command = [*command, "--port", "0", "--while-stdin-open", *options]
        self.url = ""

    def start(self) -> Self:
        """Start it and wait for its URL.

        Raises ConfigError with the server's own words where it does not start.
        """
        own = {key: value for key, value in os.environ.items() if not key.startswith("PLAYMONEY_")}
        if PACKAGES.name != "site-packages":  # there it is found anyway, and behind Python's own
            known = own.get("PYTHONPATH")
            own["PYTHONPATH"] = f"{PACKAGES}{os.pathsep}{known}" if known else str(PACKAGES)
        with self._said.open("wb") as out, self._complained.open("wb") as err:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._command,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                env=own,
                start_new_session=True,  # Ctrl-C is its parent's, who stops it when all is said
            )
        try:
            self.url = self._wait_for_url()
        except BaseException:
            self.stop()
            raise
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ended(self) -> str | None:
        """Why it is not there any more, in its own words; None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        words = self._complained.read_text().strip().splitlines() or [f"exit {code}"]
        return words[-1].removeprefix("playmoney: ")

    def stop(self) -> None:
        """End it, and do not come back before it has ended."""
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            if self._process.stdin is not None:
                self._process.stdin.close()

    def _wait_for_url(self) -> str:
        deadline_s = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline_s:
            ended = self.ended()
            line, newline, _ = self._said.read_text().partition("\n")
            found = re.search(r"http://\S+", line)
            if found and newline:
                return found[0]
            if ended is not None:
                raise ConfigError(f"the sandbox did not start: {ended}")
            time.sleep(0.02)
        raise ConfigError(f"the sandbox did not start within {START_WITHIN_S} s")
