"""How long calls took: open-loop arrivals, measured from when each call should have gone out.

A storm does not wait for answers: call n goes out at n / rate, so a slow answer delays no other
call, and nobody forgets to count the calls that would have come meanwhile (coordinated omission,
SBX-14). HdrHistogram keeps three significant digits of up to an hour.
"""

from collections import Counter

from hdrh.histogram import HdrHistogram

from simulator.reports.runs.happenings import Levels
from simulator.scenarios.asking import Heard

HOUR_US = 3_600_000_000
PLOT = (0, 25_000, 50_000, 75_000, 90_000, 95_000, 99_000, 99_500, 99_900, 99_990, 100_000)
"""Percentiles of the curve, in thousandths."""


class Measured:
    """What a storm, or all calls together, took."""

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, HOUR_US, 3)
        self._errors: Counter[str] = Counter()
        self._calls = 0

    def note(self, heard: Heard, due_ns: int | None = None) -> None:
        """Count a call that should have begun at `due_ns`."""
        began_ns = heard.began_ns if due_ns is None else due_ns
        took_us = (heard.began_ns + heard.took_ns - began_ns) // 1_000
        self._histogram.record_value(min(max(1, took_us), HOUR_US))
        self._calls += 1
        if heard.reply is None:
            self._errors["no answer"] += 1
        elif heard.status >= 400:
            self._errors[f"{heard.status} {heard.code}".strip()] += 1

    def __len__(self) -> int:
        return self._calls

    def levels(self) -> Levels:
        """The percentiles."""
        return Levels(
            calls=self._calls,
            errors=dict(sorted(self._errors.items())),
            p50_us=self._at(50_000),
            p95_us=self._at(95_000),
            p99_us=self._at(99_000),
            p99_9_us=self._at(99_900),
            max_us=self._at(100_000),
            plot=[(point, self._at(point)) for point in PLOT],
        )

    def _at(self, thousandths: int) -> int:
        return int(self._histogram.get_value_at_percentile(thousandths / 1_000))
