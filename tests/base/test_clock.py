"""Time: written one way, read with a zone, moved forward only."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.clock import (
    FROZEN_START_NS,
    LATEST_NS,
    NS_PER_MS,
    NS_PER_S,
    SimClock,
    WallClock,
    iso,
    parse_iso,
)

MILLISECONDS = st.integers(0, LATEST_NS // NS_PER_MS)


@given(MILLISECONDS)
def test_a_written_time_reads_as_itself(at_ms: int) -> None:
    """Written with milliseconds and read again, a time is the same time (PRV-04)."""
    at_ns = at_ms * NS_PER_MS
    assert parse_iso(iso(at_ns)) == at_ns


@given(st.integers(0, LATEST_NS))
def test_a_time_is_written_in_utc_with_milliseconds(at_ns: int) -> None:
    """The text has four-digit years, three decimals and a Z; what is below a millisecond is cut,
    so a written time is never after the time itself (PRV-04)."""
    text = iso(at_ns)
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    elapsed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert len(text) == len("2026-01-01T00:00:00.000Z")
    assert elapsed // timedelta(milliseconds=1) == at_ns // NS_PER_MS


@given(MILLISECONDS, st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_a_zone_changes_the_text_and_not_the_time(at_ms: int, offset_min: int) -> None:
    """The same instant, told in any zone, reads as the same nanoseconds (PRV-04)."""
    try:
        told = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
        text = told.astimezone(timezone(timedelta(minutes=offset_min))).isoformat()
    except OverflowError:  # beyond the years that Python can write
        return
    assert parse_iso(text) == at_ms * NS_PER_MS


@pytest.mark.parametrize(
    ("text", "at_ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01Z", NS_PER_S),
        ("1970-01-01T01:00:00+01:00", 0),
        ("2026-01-01T00:00:00Z", FROZEN_START_NS),
        ("2026-01-01T00:00:00.5Z", FROZEN_START_NS + NS_PER_S // 2),
        ("2026-01-01T00:00:00.000001Z", FROZEN_START_NS + 1_000),
        ("2025-12-31T18:30:00-05:30", FROZEN_START_NS),
        ("2261-12-31T23:59:59Z", LATEST_NS),
    ],
)
def test_a_time_reads_with_or_without_a_fraction(text: str, at_ns: int) -> None:
    """Known instants read to the nanosecond that they are (PRV-04)."""
    assert parse_iso(text) == at_ns


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00", "2026-01-01", "2026-01-01T00:00:00.123"])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    """Which zone was meant is not guessed; the message shows how to write it (PRV-04)."""
    with pytest.raises(ValueError, match=r"has no zone; write it as 2026-01-01T00:00:00Z"):
        parse_iso(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "2261-12-31T23:59:59-00:01",
        "9999-12-31T23:59:59Z",
        "1767225600",
    ],
)
def test_what_is_not_a_time_is_refused(text: str) -> None:
    """Garbage and times outside 1970..2261 are a ValueError and nothing else."""
    with pytest.raises(ValueError, match=r".+"):
        parse_iso(text)


@given(st.text())
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    """No text gets another exception out of the reader, and none a time outside the range."""
    try:
        at_ns = parse_iso(text)
    except ValueError:
        return
    assert 0 <= at_ns <= LATEST_NS


@given(st.lists(st.integers(0, 10**15), max_size=20))
def test_a_frozen_clock_stands_until_it_is_advanced(steps: list[int]) -> None:
    """Reading does not move it; advancing adds exactly what was said (SBX-03)."""
    clock = SimClock()
    expected = FROZEN_START_NS
    for by_ns in steps:
        clock.advance(by_ns)
        expected += by_ns
        assert clock.now_ns() == clock.now_ns() == expected


@pytest.mark.parametrize("make", [SimClock, WallClock])
def test_a_clock_only_moves_forward(make: type[SimClock] | type[WallClock]) -> None:
    """A step back is refused and leaves the clock where it was (SBX-03)."""
    clock = make()
    before = clock.now_ns()
    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance(-1)
    assert 0 <= clock.now_ns() - before < 60 * NS_PER_S


@pytest.mark.parametrize("make", [SimClock, WallClock])
def test_a_clock_ends_with_the_year_2261(make: type[SimClock] | type[WallClock]) -> None:
    """A step beyond what a store can keep is refused and moves nothing (SBX-03)."""
    clock = make()
    with pytest.raises(ValueError, match="beyond the year 2261"):
        clock.advance(LATEST_NS)
    assert clock.now_ns() < LATEST_NS // 2


def test_a_frozen_clock_reaches_its_last_second() -> None:
    """The last second that can be kept can be reached, and not passed."""
    clock = SimClock(LATEST_NS - 5)
    clock.advance(5)
    assert iso(clock.now_ns()) == "2261-12-31T23:59:59.000Z"
    with pytest.raises(ValueError, match="beyond the year 2261"):
        clock.advance(1)


def test_a_wall_clock_runs_on_from_where_it_was_moved() -> None:
    """It is the machine's time plus what it was advanced by, and it keeps running (SBX-03)."""
    clock = WallClock()
    clock.advance(3600 * NS_PER_S)
    low = time.time_ns()
    now = clock.now_ns()
    high = time.time_ns()
    assert low <= now - 3600 * NS_PER_S <= high
    deadline = time.monotonic_ns() + 60 * NS_PER_S
    while clock.now_ns() == now:
        assert time.monotonic_ns() < deadline, "the clock stands still"
