"""Event feeds as they are read: by cursor from a server, or line by line from a file (QLT-12).

Both give the same events; what came over HTTP and what was exported make the same report.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simulator.adapters.operations import Operation, PageOf
from simulator.adapters.platform import PlatformClient
from simulator.base.errors import ConfigError, PlaymoneyError
from simulator.wire import json
from simulator.wire.messages import ListEvents

PAGE = 200
"""Events of one page: the most that the contracts allow (PRV-60)."""

FEEDS: dict[str, Operation[PageOf[Any]]] = {
    "studio": Operation("listRgsEvents", "GET", "/rgs/v1/events", PageOf[Any]),
    "platform": Operation("listEvents", "GET", "/v1/events", PageOf[Any]),
}
"""Whose feed it is, and where it is read."""


class BadFeed(PlaymoneyError):
    """An event that cannot be counted: the message says where it stands and what is wrong."""


class Told(NamedTuple):
    """An event in its envelope as it came, and where it stood."""

    place: str
    event: Any


class Page(NamedTuple):
    """Some events of a feed, and the cursor behind them."""

    items: list[Any]
    cursor: str | None


async def pages(
    client: PlatformClient, feed: str, cursor: str | None = None
) -> AsyncIterator[Page]:
    """The feed from a cursor on (None: from its start) to its end, in the order of its commits.

    Raises what `PlatformClient.read` raises. The last page's cursor is where to read on later.
    """
    while True:
        found = await client.read(FEEDS[feed], ListEvents(cursor=cursor, limit=PAGE))
        cursor = found.next_cursor or cursor
        yield Page(found.items, cursor)
        if not found.has_more:
            return


async def from_server(client: PlatformClient, feed: str) -> AsyncIterator[Told]:
    """Every event of a feed; a place is the event's number."""
    number = 0
    async for page in pages(client, feed):
        for item in page.items:
            number += 1
            yield Told(f"{feed} feed, event {number}", item)


def from_file(path: Path) -> Iterator[Told]:
    """Every event of an NDJSON file; empty lines are none.

    Raises ConfigError where it cannot be read, and BadFeed naming the line that is no JSON object.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _read(f"{path.name}:{number}", line)
    except OSError as wrong:
        raise ConfigError(f"--events {path}: cannot be read ({wrong.strerror})") from None


def _read(place: str, line: bytes) -> Told:
    try:
        event = json.decode(line)
        json.require_single_names(line, event)
    except json.NotJson as wrong:
        raise BadFeed(f"{place}: {wrong}; a line is one event in its envelope") from None
    if not isinstance(event, dict):
        raise BadFeed(f"{place}: is no JSON object; a line is one event in its envelope")
    return Told(place, event)


def write(items: list[Any]) -> bytes:
    """Events as the lines of a file; amounts keep their digits."""
    return b"".join(json.encode(item) + b"\n" for item in items)
