"""Sizes of pools, live (JP-14): what a widget shows, without asking again and again.

Only sums are told: of a network pool nobody learns whose contribution it was (JP-61), and of none
at which point it falls (WAL-93).
"""

import msgspec

from simulator.jackpot.access import as_member
from simulator.jackpot.rows import MemberRow, PoolRow
from simulator.store.rows import Op
from simulator.store.tx import Query, Reads
from simulator.wire import jackpot_pools as p
from simulator.wire import json
from simulator.wire.live import News
from simulator.wire.messages import Message, Money

EVENT = "pool"
"""The name of each event on the wire."""

FAR = 1_000
"""Updates after which a reader is told of every pool rather than of those that have changed."""

_MOST = 1_000
_UPDATES = Query(Op, (("topic", "=", "jp.pool.updated"),))


class _Updated(Message, frozen=True, kw_only=True):
    pool_id: str


class _Envelope(Message, frozen=True, kw_only=True):
    """What is read of an event: which pool it is of."""

    payload: _Updated


def follow_pools(tx: Reads, ask: p.FollowPools) -> News:
    """The caller's pools that have changed since a position, as they are now; all of them where
    none is known, or one long ago."""
    newest = tx.page(Query(Op, newest_first=True), None, 1)
    position = newest[0].n if newest else 0
    names = None if ask.after is None or ask.after > position else _changed(tx, ask.after)
    where = [("brand", "=", tx.caller.brand), ("region", "=", tx.caller.region)]
    for column, value in (("kind", ask.kind), ("level", ask.level), ("grouped", ask.group)):
        if value is not None:
            where.append((column, "=", value))
    members = tx.page(Query(MemberRow, tuple(where)), None, _MOST)
    mine = [row.pool_id for row in members if isinstance(row, MemberRow)]
    items = [_size(tx, name) for name in mine if names is None or name in names]
    return News(position=position, event=EVENT, items=items)


def _changed(tx: Reads, after: int) -> set[str] | None:
    """Pools with an update beyond a position; None where there are too many to look through."""
    updates = tx.page(_UPDATES, after, FAR)
    if len(updates) == FAR:
        return None
    return {
        msgspec.convert(json.decode(row.event), _Envelope).payload.pool_id
        for row in updates
        if isinstance(row, Op) and row.event is not None
    }


def _size(tx: Reads, pool_id: str) -> p.PoolSize:
    pool, _ = as_member(tx, tx.get(PoolRow, (pool_id,)), pool_id)
    return p.PoolSize(
        pool_id=pool.pool_id,
        level=pool.level,
        status=pool.status,
        size=Money.of(pool.size, pool.currency),
        cycle=pool.cycle,
        hits=pool.hits,
    )
