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
        """The percentiles; 0 µs each where nothing was called."""
        us = self._at_each_point()
        return Levels(
            calls=self._calls,
            errors=dict(sorted(self._errors.items())),
            p50_us=us[50_000],
            p95_us=us[95_000],
            p99_us=us[99_000],
            p99_9_us=us[99_900],
            max_us=us[100_000],
            plot=list(us.items()),
        )

    def _at_each_point(self) -> dict[int, int]:
        """The curve, read in one pass: a histogram has thousands of counts, most of them zero."""
        if not self._calls:
            return dict.fromkeys(PLOT, 0)
        percentiles = [point / 1_000 for point in PLOT]
        found = self._histogram.get_percentile_to_value_dict(percentiles)
        return {
            point: int(found[percentile])
            for point, percentile in zip(PLOT, percentiles, strict=True)
        }
