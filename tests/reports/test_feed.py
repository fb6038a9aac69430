"""Feeds as files, and marks beside them: what cannot be read is named, with its line."""

from pathlib import Path

import pytest

from simulator.base.errors import ConfigError
from simulator.reports.export import _resume
from simulator.reports.feed import BadFeed, Told, from_file, write
from simulator.wire import json
from tests.reports.tools import Feed, collect


def test_a_line_is_an_event(tmp_path: Path) -> None:
    """Amounts keep their digits through a file and back; empty lines are none; places are lines."""
    feed = Feed()
    feed.spin("a", "2.00", "0.10")
    feed.spin("b", "3", currency="JPY")
    path = tmp_path / "feed.ndjson"
    first, second = (write([event]) for event in feed.events)
    assert b'"stake":2.00,"win":0.10' in first
    path.write_bytes(first + b"\n \r\n" + second.rstrip(b"\n"))
    told = list(from_file(path))
    assert [each.place for each in told] == ["feed.ndjson:1", "feed.ndjson:4"]
    assert write([each.event for each in told]) == write(feed.events)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"event_id": "half', "feed.ndjson:2: is not JSON: .*; a line is one event"),
        (b"[]", "feed.ndjson:2: is no JSON object"),
        (b'{"a": NaN}', "feed.ndjson:2: is not JSON: a is NaN"),
        (b'{"payload": {"stake": 1, "stake": 2}}', "feed.ndjson:2: names 'stake' twice"),
        (b"\xff", "feed.ndjson:2: is not"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, message: str) -> None:
    """File, line and what is wrong with it; nothing is skipped."""
    feed = Feed()
    feed.spin("a", 1)
    path = tmp_path / "feed.ndjson"
    path.write_bytes(write(feed.events) + line + b"\n")
    with pytest.raises(BadFeed, match=message):
        list(from_file(path))


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    """With the option that named it."""
    with pytest.raises(ConfigError, match=r"--events .*none: cannot be read \(No such file"):
        list(from_file(tmp_path / "none"))


def test_the_first_telling_counts_whatever_comes_first() -> None:
    """A spin that is told twice was known from the earlier time on."""
    feed = Feed()
    feed.spin("a", 1, day=3)
    feed.spin("a", 1, day=3, told=50)
    for events in (feed.events, feed.events[::-1]):
        collected = collect(events)
        assert len(list(collected.settled(collected._played["brand-42", "", "a"].told_ns + 1))) == 1
        assert not list(collected.settled(collected._played["brand-42", "", "a"].told_ns))


def test_reading_is_taken_up_where_it_was_left() -> None:
    """Events taken in two parts, the second overlapping the first, are events taken at once."""
    feed = Feed()
    for number in range(6):
        feed.spin(f"s{number}", 1, day=number)
    parts = collect(feed.events[:4])
    for number, event in enumerate(feed.events[2:]):
        parts.take(Told(f"again:{number}", event))
    assert list(parts.settled()) == list(collect(feed.events).settled())
    assert (parts.read, parts.repeated) == (8, 2)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (None, "is there, without feed.ndjson.cursor; name another file"),
        (b"{", "does not say how far feed.ndjson is"),
        (b'{"source": "s", "feed": "studio", "size": 3, "more": 1}', "does not say how far"),
        (b'{"source": "t", "feed": "studio"}', "is of the studio feed at t, not of the studio"),
        (b'{"source": "s", "feed": "platform"}', "is of the platform feed at s, not of the studio"),
        (b'{"source": "s", "feed": "studio", "size": 99}', "has 4 bytes, and .* says 99"),
    ],
)
def test_an_export_into_another_file_is_refused(
    tmp_path: Path, mark: bytes | None, message: str
) -> None:
    """A file that is no export, of another feed, or shorter than its mark says, is left alone."""
    path = tmp_path / "feed.ndjson"
    path.write_bytes(b"abc\n")
    if mark is not None:
        (tmp_path / "feed.ndjson.cursor").write_bytes(mark)
    with pytest.raises(ConfigError, match=message):
        _resume(path, "s", "studio")
    assert path.read_bytes() == b"abc\n"


def test_a_new_file_begins_at_the_start(tmp_path: Path) -> None:
    """So does an empty one."""
    path = tmp_path / "feed.ndjson"
    assert _resume(path, "s", "studio").cursor is None
    path.touch()
    assert _resume(path, "s", "studio") == _resume(tmp_path / "other", "s", "studio")
    assert json.encode(_resume(path, "s", "studio")).startswith(b'{"source":"s"')
