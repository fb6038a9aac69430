"""Hypothesis profiles, chosen by HYPOTHESIS_PROFILE: `ci` (the default) and `nightly`."""

import gc
import os
from collections.abc import Generator

import pytest
import structlog.dev  # noqa: F401 - rich, which it imports, asks `random` once: never amid a draw
from hypothesis import HealthCheck, settings

# A shared machine stalls now and then; how fast things are is for `make bench` to say. By day what
# is drawn follows from the test alone, so that who changes nothing is told nothing new; other
# examples are for the night to find.
SLOW_IS_WELL = [HealthCheck.too_slow]
settings.register_profile(
    "ci", deadline=None, derandomize=True, database=None, suppress_health_check=SLOW_IS_WELL
)
settings.register_profile(
    "nightly", deadline=None, max_examples=5_000, suppress_health_check=SLOW_IS_WELL
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

pytest_plugins = ["tests.postgres"]

RARELY = (10_000, 20, 20)
"""Objects between two collections, and how many of those there are between two larger ones."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What was collected lives as long as the run: nobody looks for cycles in seven thousand tests
    again and again (a tenth of the time of a test that opens a sandbox)."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*RARELY)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that take minutes (they have a time limit of their own) come first for each of two
    workers: begun last, one of them would be waited for alone."""
    long = [item for item in items if item.get_closest_marker("timeout")]
    short = [item for item in items if not item.get_closest_marker("timeout")]
    half, middle = len(short) // 2, len(long) // 2
    items[:] = [*long[:middle], *short[:half], *long[middle:], *short[half:]]
