"""The tickets of a timed pool's cycle: one for each minor unit staked, numbered in the order in
which contributions came, so that who holds the drawn one is found without asking everybody
(JP-01, JP-31, JP-33).

They are kept as a Fenwick tree in rows. Places count the contributions of a cycle from 1; the row
at place p says how many tickets the last lowbit(p) places up to p hold together:

    place    1   2   3   4   5   6   7   8        lowbit(p) = the lowest 1 of p in binary
    covers   1  1-2  3  1-4  5  5-6  7  1-8

A contribution writes one row and reads one other on average; one that is rolled back changes a row
for each bit of the count, and its tickets are nobody's any more: the others close up. A draw reads
two rows for each bit of the count. The numbering is that of a list read from its start, so every
draw falls where such a list would let it fall.
"""

from simulator.jackpot.rows import ContributionRow, PoolRow
from simulator.store.rows import Row
from simulator.store.tx import Reads, Tx


class TicketRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A place of a cycle: whose it is, its `own` tickets when it came, and what the places that it
    covers hold now (`cycle` and `place` as texts, because they name it)."""

    TABLE = "jp_ticket"
    NAMED_BY = ("pool_id", "cycle", "place")
    CHANGES = ("tickets",)

    pool_id: str
    cycle: str
    place: str
    tenant: str
    jp_contrib_id: str
    own: int
    tickets: int


def issue(tx: Tx, row: ContributionRow, place: int, own: int) -> None:
    """Give a contribution at the next place so many tickets; none where its stake may not win."""
    tickets = own
    covered = place - 1
    while covered > place - _lowbit(place):
        tickets += _at(tx, row.pool_id, row.cycle, covered).tickets
        covered -= _lowbit(covered)
    tx.put(
        TicketRow(
            pool_id=row.pool_id,
            cycle=str(row.cycle),
            place=str(place),
            tenant=row.tenant,
            jp_contrib_id=row.jp_contrib_id,
            own=own,
            tickets=tickets,
        )
    )


def take_back(tx: Tx, pool: PoolRow, place: int) -> None:
    """A contribution of the cycle under way was rolled back: it holds no ticket any more."""
    own = _of(tx, pool, place).own
    while place <= pool.bets:
        row = _of(tx, pool, place)
        tx.put(row.but(tickets=row.tickets - own))
        place += _lowbit(place)


def held(tx: Reads, pool: PoolRow) -> int:
    """How many tickets the contributions of the cycle under way hold together."""
    total, place = 0, pool.bets
    while place:
        total += _of(tx, pool, place).tickets
        place -= _lowbit(place)
    return total


def holder(tx: Reads, pool: PoolRow, ticket: int) -> TicketRow:
    """Who holds a ticket, of those that are held; the first one is 0."""
    place, step = 0, 1 << pool.bets.bit_length() >> 1
    while step:
        if place + step <= pool.bets:
            row = _of(tx, pool, place + step)
            if row.tickets <= ticket:
                place += step
                ticket -= row.tickets
        step >>= 1
    return _of(tx, pool, place + 1)


def _lowbit(place: int) -> int:
    return place & -place


def _of(tx: Reads, pool: PoolRow, place: int) -> TicketRow:
    return _at(tx, pool.pool_id, pool.cycle, place)


def _at(tx: Reads, pool_id: str, cycle: int, place: int) -> TicketRow:
    row = tx.get(TicketRow, (pool_id, str(cycle), str(place)))
    if row is None:
        raise RuntimeError(f"cycle {cycle} of pool {pool_id} has nobody at place {place}")
    return row
