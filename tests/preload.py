"""Imported by the process that forks servers (`tests/forked.py`), so that they need not; it opens
nothing and starts no thread."""

import gc

import simulator.cli.serve  # noqa: F401
import tests.forked  # noqa: F401
from simulator.world import load_contracts

load_contracts()
gc.freeze()  # no collector of theirs copies its pages
