"""A feed as a file: NDJSON, one envelope a line, that can be taken up where it was left (QLT-12).

Beside FILE stands FILE.cursor: which feed it is, how many of its bytes are good, and the cursor
behind them. A page is written and synced before the cursor moves, so what a crash leaves half
written is cut off when the export goes on: no event is lost, and none is there twice.
"""

import os
from pathlib import Path

import msgspec

from simulator.adapters.platform import PlatformClient
from simulator.base.errors import ConfigError
from simulator.reports.feed import pages, write
from simulator.wire import json


class Mark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a file is: `size` bytes are events up to `cursor`."""

    source: str
    feed: str
    cursor: str | None = None
    size: int = 0
    events: int = 0


async def export(client: PlatformClient, source: str, feed: str, path: Path) -> tuple[int, int]:
    """Append what the feed has told since the file was left. How many events are new, and in all.

    `source` says where the feed is, to be told apart from another's. Raises ConfigError where the
    file is none of this feed, and what `PlatformClient.read` raises.
    """
    mark = _resume(path, source, feed)
    before = mark.events
    try:
        with path.open("ab") as file:
            file.truncate(mark.size)
            async for page in pages(client, feed, mark.cursor):
                lines = write(page.items)
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
                mark = msgspec.structs.replace(
                    mark,
                    cursor=page.cursor,
                    size=mark.size + len(lines),
                    events=mark.events + len(page.items),
                )
                _keep(path, mark)
    except OSError as wrong:
        raise ConfigError(f"--out {path}: cannot be written ({wrong.strerror})") from None
    return mark.events - before, mark.events


def _resume(path: Path, source: str, feed: str) -> Mark:
    fresh = Mark(source=source, feed=feed)
    marked = _beside(path)
    if not marked.exists():
        if path.exists() and path.stat().st_size:
            raise ConfigError(f"--out {path}: is there, without {marked.name}; name another file")
        return fresh
    try:
        mark = msgspec.convert(json.decode(marked.read_bytes()), Mark)
    except (OSError, json.NotJson, msgspec.ValidationError) as wrong:
        raise ConfigError(f"{marked}: does not say how far {path.name} is: {wrong}") from None
    if (mark.source, mark.feed) != (source, feed):
        raise ConfigError(
            f"--out {path}: is of the {mark.feed} feed at {mark.source}, not of the {feed} feed at "
            f"{source}; name another file"
        )
    size = path.stat().st_size if path.exists() else 0
    if size < mark.size:
        raise ConfigError(
            f"--out {path}: has {size} bytes, and {marked.name} says {mark.size}; remove both to "
            "begin anew"
        )
    return mark


def _keep(path: Path, mark: Mark) -> None:
    """Replace the mark in one step: it is the old one or the new one, whenever the power fails."""
    marked = _beside(path)
    new = marked.with_name(f"{marked.name}.new")
    with new.open("wb") as file:
        file.write(json.encode(mark) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(marked)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.cursor")
