"""A timed pool falls at its deadline at the latest: drawn on the clock among those who have a part
in it, each in proportion to what was staked (JP-01, JP-31).

Who they are does not matter: tickets are numbered in the order in which contributions came (JP-33),
and the drawn one is looked up, however many there are (`tickets`).
A paused pool is not drawn; once it is resumed, what is overdue is (WAL-95). Where every part was
rolled back the pool goes on with another deadline; where there never was one, it waits for the next
contribution, which begins another stretch of time (`cycles.is_idle`).
"""

from collections.abc import Sequence

from simulator.base.errors import NotFound
from simulator.jackpot import cycles, degraded, falls, tell, tickets, triggers
from simulator.jackpot.access import terms_of
from simulator.jackpot.rows import ContributionRow, PoolRow
from simulator.store.tx import Query, Reads, Tx
from simulator.wire import jackpot as j
from simulator.wire.messages import Message

_PLAYED = (("status", "=", "open"), ("deadline_ns", ">=", 0), ("bets", ">=", 1))
_PAGE = 1_000


class DrawPool(Message, frozen=True, kw_only=True):
    """Draw a pool whose deadline has come; an operation of the world's owner for the winner's
    brand. `jp_contrib_id` is the contribution that has won, empty where there is none."""

    pool_id: str
    cycle: int
    jp_contrib_id: str


class Drawn(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a draw came to; no trigger where nobody had a part."""

    pool_id: str
    cycle: int
    trigger: j.Triggered | None = None


def next_ns(tx: Reads) -> int | None:
    """When the next pool has to be drawn; None where none has a deadline."""
    return min((pool.deadline_ns or 0 for pool in _waiting(tx)), default=None)


def find(tx: Reads) -> Sequence[tuple[str, str, DrawPool]]:
    """What has to be drawn by now, with the brand of who wins it."""
    found = []
    due = [pool for pool in _waiting(tx) if (pool.deadline_ns or 0) <= tx.now_ns]
    for pool in sorted(due, key=lambda pool: (pool.deadline_ns or 0, pool.n)):
        terms = terms_of(tx, pool)
        winner = winner_of(tx, pool)
        brand = terms.owner if winner is None else winner.brand
        name = "" if winner is None else winner.jp_contrib_id
        ask = DrawPool(pool_id=pool.pool_id, cycle=pool.cycle, jp_contrib_id=name)
        found.append((brand, f"{pool.pool_id}/{pool.cycle}", ask))
    return found


def draw(tx: Tx, ask: DrawPool) -> Drawn:
    """Let a pool fall on the ticket that is drawn. Raises NotFound where it was drawn meanwhile, or
    somebody else has won by now."""
    pool = tx.lock(PoolRow, (ask.pool_id,))
    if pool is None or pool.cycle != ask.cycle or pool.status != "open":
        raise _gone(ask)
    if pool.deadline_ns is None or pool.deadline_ns > tx.now_ns:
        raise _gone(ask)
    terms = terms_of(tx, pool)
    winner = winner_of(tx, pool)
    if degraded.why(tx, terms) is not None:  # drawn when it is over (JP-80)
        raise _gone(ask)
    if (ask.jp_contrib_id or None) != (None if winner is None else winner.jp_contrib_id):
        raise _gone(ask)
    if winner is None:
        begun = tx.put(cycles.go_on(tx, pool, terms))
        tell.pool(tx, begun)
        return Drawn(pool_id=pool.pool_id, cycle=pool.cycle)
    row = falls.fall(tx, pool, terms, falls.Winner.of(winner), tx.mint("jpt"), "deadline")
    return Drawn(pool_id=pool.pool_id, cycle=pool.cycle, trigger=triggers.view(row))


def _waiting(tx: Reads) -> list[PoolRow]:
    rows = tx.page(Query(PoolRow, _PLAYED), None, _PAGE)
    return [row for row in rows if isinstance(row, PoolRow)]


def winner_of(tx: Reads, pool: PoolRow) -> ContributionRow | None:
    """The contribution that holds the drawn ticket: each has one for every minor unit staked. None
    where nobody holds any."""
    held = tickets.held(tx, pool)
    if not held:
        return None
    drawn = tickets.holder(tx, pool, cycles.ticket(tx, pool, held))
    row = tx.get(ContributionRow, (drawn.tenant, drawn.jp_contrib_id))
    if row is None:
        raise RuntimeError(f"contribution {drawn.jp_contrib_id} of pool {pool.pool_id} is gone")
    return row


def _gone(ask: DrawPool) -> NotFound:
    return NotFound(f"cycle {ask.cycle} of pool {ask.pool_id} is not to be drawn")
