"""Spans of time that are billed: calendar months in UTC, cut where a report begins and ends."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from simulator.base.clock import NS_PER_S, parse_iso
from simulator.base.errors import ConfigError

_DAY_NS = 86_400 * NS_PER_S
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")


class Period(NamedTuple):
    """From an instant on and before another, in one calendar month (`2026-01`)."""

    month: str
    start_ns: int
    end_ns: int

    @property
    def whole(self) -> bool:
        """True for a month from its first instant to its last."""
        return (self.start_ns, self.end_ns) == (_start(self.month), _start(after(self.month)))


def cut(start_ns: int, end_ns: int) -> list[Period]:
    """The months of a span, the first and the last cut where it begins and ends."""
    periods = []
    while start_ns < end_ns:
        month = month_of(start_ns)
        until_ns = min(end_ns, _start(after(month)))
        periods.append(Period(month, start_ns, until_ns))
        start_ns = until_ns
    return periods


def find(periods: Sequence[Period], at_ns: int) -> Period | None:
    """The period of an instant; they follow each other without a gap."""
    at = bisect_right(periods, at_ns, key=lambda period: period.start_ns) - 1
    return periods[at] if at >= 0 and at_ns < periods[at].end_ns else None


def month(name: str) -> Period:
    """A whole month by its name."""
    return Period(name, _start(name), _start(after(name)))


def quarter(name: str) -> list[Period]:
    """The three months of a quarter such as 2026-Q1. Raises ConfigError."""
    found = _QUARTER.fullmatch(name)
    if found is None:
        raise ConfigError(f"--quarter {name}: write it as 2026-Q1")
    if not 1970 <= int(found[1]) <= 2261:
        raise ConfigError(f"--quarter {name}: is outside 1970..2261")
    first = 3 * int(found[2]) - 2
    return [month(f"{found[1]}-{number:02d}") for number in range(first, first + 3)]


def month_of(at_ns: int) -> str:
    """The month of an instant."""
    return f"{datetime.fromtimestamp(at_ns // NS_PER_S, UTC):%Y-%m}"


def after(name: str) -> str:
    """The month after this one."""
    year, number = int(name[:4]), int(name[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def instant(option: str, text: str) -> int:
    """A date (its midnight, UTC) or a time with a zone. Raises ConfigError."""
    try:
        return parse_iso(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    except ValueError as wrong:
        raise ConfigError(
            f"{option} {text}: write 2026-01-31 or 2026-01-31T18:00:00Z ({wrong})"
        ) from None


def _start(name: str) -> int:
    """Its first instant; also of the month after the last in which anything can be."""
    elapsed = datetime(int(name[:4]), int(name[5:]), 1, tzinfo=UTC) - _EPOCH
    return elapsed.days * _DAY_NS
