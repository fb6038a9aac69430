"""Lists by cursor, cut to the caller and filtered: a cursor is a position, so pages stay as they
are while rows come (PRV-60, PRV-61)."""

from collections.abc import Callable
from typing import Any

import msgspec

from simulator.base.clock import parse_iso
from simulator.base.errors import ScopeDenied
from simulator.store.rows import Op, Value
from simulator.store.tx import Query, Reads
from simulator.wire import messages as m

Terms = list[tuple[str, str, Value]]
"""Column, operator, value."""


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


def list_events(tx: Reads, ask: m.ListEvents) -> m.Page:
    """The event feed; its cursor is there on the last page too, to go on from (PRV-40)."""
    terms = [*own(tx, ask.tenant_id), ("topic", "<>", "")]
    if ask.event_type is not None:
        terms.append(("topic", "=", ask.event_type))
    terms += asked(ask, "player_id", "game_id")
    terms += window("at_ns", ask.occurred_at_from, ask.occurred_at_to)
    query = Query(Op, tuple(terms), ask.order == "desc")
    return page(tx, query, ask, lambda op: msgspec.Raw(op.event), follow=True)


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


def own(tx: Reads, tenant_id: str | None) -> Terms:
    """Only what is the caller's. Raises ScopeDenied for another tenant (PRV-63)."""
    caller = tx.caller
    if tenant_id is not None and tenant_id != caller.tenant:
        raise ScopeDenied(f"tenant {tenant_id} is not yours", details={"tenant_id": tenant_id})
    return [
        ("tenant", "=", caller.tenant),
        ("brand", "=", caller.brand),
        ("region", "=", caller.region),
    ]


def asked(ask: m.Listing, *columns: str) -> Terms:
    """Only what has, in these columns, the values that are asked for; where none is, all."""
    values = ((column, getattr(ask, column)) for column in columns)
    return [(column, "=", value) for column, value in values if value is not None]


def window(column: str, start: str | None, end: str | None) -> Terms:
    """Only what happened from one time on and before another (PRV-61)."""
    terms: Terms = []
    for name, operator, text in (("occurred_at_from", ">=", start), ("occurred_at_to", "<", end)):
        if text is not None:
            try:
                terms.append((column, operator, parse_iso(text)))
            except ValueError as wrong:
                raise m.invalid(name, str(wrong)) from None
    return terms
