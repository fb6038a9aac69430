"""Lists by cursor: a cursor is a position, so pages stay as they are while rows come (PRV-60)."""

from collections.abc import Callable
from typing import Any

from simulator.store.tx import Query, Reads
from simulator.wire import messages as m


def page(
    tx: Reads, query: Query, ask: m.Listing, show: Callable[[Any], Any], *, follow: bool = False
) -> m.Page:
    """One page; `follow` keeps a cursor on the last one too, for a feed that grows."""
    after = cursor_after(ask.cursor)
    rows = tx.page(query, after, ask.limit + 1)
    shown = rows[: ask.limit]
    more = len(rows) > len(shown)
    last = shown[-1].n if shown else after
    keep = more or (follow and not query.newest_first)
    return m.Page(
        items=[show(row) for row in shown],
        has_more=more,
        next_cursor=f"{last or 0:x}" if keep else None,
    )


def cursor_after(cursor: str | None) -> int | None:
    """The position in a cursor. Raises ValidationFailed for one we did not make."""
    if cursor is None:
        return None
    try:
        position = int(cursor, 16)
    except ValueError:
        position = -1
    if not 0 <= position < 2**62 or cursor != f"{position:x}":
        raise m.invalid("cursor", "is not a cursor from a next_cursor of this list")
    return position
