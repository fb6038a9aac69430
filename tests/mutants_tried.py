"""Tries mutants in the folder that `tests.mutants` has prepared: a fork for each, tests imported.

    python -m tests.mutants_tried NAME...     # in build/mutants/mutants

The quickest of the tests that reach a mutant go first, as many as fit into some seconds; only what
they do not notice meets the others. One line for each: its fate, its name, and how many tests reach
it.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

CHOICE = "MUTANT_UNDER_TEST"
"""The variable that mutmut's functions look at whenever they are called."""

FIRST_S = 12
"""Tests for so many seconds go first: they notice nine of ten of what is noticed at all."""

LIMIT_S = 600
"""What has not ended by then never does, and that is noticed."""

PYTEST = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--timeout", "300", "--tb=no")


def main() -> None:
    """Import what the tests need, once; then fork."""
    stats = json.loads(Path("mutmut-stats.json").read_text())
    reach, took_s = stats["tests_by_mangled_function_name"], stats["duration_by_test"]
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what pytest says
    os.environ[CHOICE] = ""
    if pytest.main([*PYTEST, "--collect-only", *sorted({name.split("::")[0] for name in took_s})]):
        sys.exit("the tests of build/mutants cannot be collected")
    for name in sys.argv[1:]:
        tests = sorted(reach.get(name.rpartition("__mutmut_")[0], ()), key=took_s.__getitem__)
        first = _fitting([took_s[test] for test in tests])
        noticed = _notices(name, tests[:first]) or _notices(name, tests[first:])
        fate = "killed" if noticed else "survived" if tests else "no test"
        os.write(out, f"{fate}: {name} ({len(tests)})\n".encode())


def _fitting(took_s: Sequence[float]) -> int:
    """How many of the tests fit into the first seconds; one at least."""
    spent_s = 0.0
    for count, each_s in enumerate(took_s):
        spent_s += each_s
        if count and spent_s > FIRST_S:
            return count
    return len(took_s)


def _notices(name: str, tests: Sequence[str]) -> bool:
    """True where one of the tests fails with this mutant, or does not end."""
    if not tests:
        return False
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        os.environ[CHOICE] = name
        os._exit(int(pytest.main([*PYTEST, *tests])))
    end_s = time.monotonic() + LIMIT_S
    while time.monotonic() < end_s:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status != 0
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


if __name__ == "__main__":
    main()
