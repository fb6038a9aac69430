"""Modules that are loaded when something of them is first used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.base.lazy import lazy
from tests.processes import ROOT


def test_a_module_is_loaded_at_its_first_use(tmp_path: Path) -> None:
    """What it does as it is loaded waits for that; afterwards it is the module that anybody
    gets."""
    (tmp_path / "talks.py").write_text("print('loaded')\nANSWER = 42\n")
    program = (
        "from simulator.base.lazy import lazy; module = lazy('talks'); print('made'); "
        "print(module.ANSWER); import talks; print(module is talks)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))},
    )
    assert done.stdout.split() == ["made", "loaded", "42", "True"]


def test_a_server_starts_without_the_metrics_library() -> None:
    """What only a scrape needs is not there before one (40 ms of a start)."""
    program = "import sys, simulator.cli.serve; print('prometheus_client' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "False"


def test_a_loaded_module_is_itself() -> None:
    """No second one is made."""
    assert lazy("sys") is sys


def test_no_such_module() -> None:
    """An error at once, as an import has it."""
    with pytest.raises(ImportError, match="there is no module nowhere"):
        lazy("nowhere")
