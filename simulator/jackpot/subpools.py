"""The sub-pools of a network: what each region has put in, holds of the pool and has won (JP-61).

Only sums cross from region to region, and of a fall a reference that no other region can follow: it
is drawn from the seed over pool, hit, tenant and round, so whoever knows the round can compute it
again and nobody can go back. Who plays is known in the player's own region alone.
"""

from fractions import Fraction

from simulator.base.clock import iso
from simulator.jackpot.cycles import dice
from simulator.jackpot.rows import PoolRow
from simulator.jackpot.shares import Shares
from simulator.jackpot.terms import Terms
from simulator.store.rows import Row
from simulator.store.tx import Reads, Tx
from simulator.wire import jackpot_pools as p
from simulator.wire.messages import Money


class SubPoolRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A region's part of a network pool: all-time sums in minor units of its currency, and its last
    hit. Changed under the pool's lock.

    `size` is what it has put in since the fall before cycle `since_cycle`, `players` how many took
    part in cycle `cycle`: of a pool that has gone on since, both are nothing.
    """

    TABLE = "jp_subpool"
    NAMED_BY = ("pool_id", "region")
    CHANGES = (
        "bets",
        "contributed",
        "reversed",
        "paid",
        "hits",
        "since_cycle",
        "size",
        "cycle",
        "players",
        "last_reference",
        "last_amount",
        "last_ns",
    )

    pool_id: str
    region: str
    currency: str
    bets: int = 0
    contributed: int = 0
    reversed: int = 0
    paid: int = 0
    hits: int = 0
    since_cycle: int = 1
    size: int = 0
    cycle: int = 1
    players: int = 0
    last_reference: str | None = None
    last_amount: int | None = None
    last_ns: int | None = None


def contributed(tx: Tx, pool: PoolRow, terms: Terms, shares: Shares, newcomers: int) -> None:
    """The caller's region has put something in, by somebody who may be new in this cycle."""
    if terms.scope == "network":
        row = _row(tx, pool, tx.caller.region)
        tx.put(
            row.but(
                bets=row.bets + 1,
                contributed=row.contributed + shares.amount,
                size=row.size + shares.current,
                players=row.players + newcomers,
            )
        )


def reversed_in(tx: Tx, pool: PoolRow, terms: Terms, amount: int) -> None:
    """Something of the caller's region was taken out of the pool again, which has not fallen since
    it came."""
    if terms.scope == "network":
        row = _row(tx, pool, tx.caller.region)
        tx.put(row.but(reversed=row.reversed + amount, size=row.size - amount))


def fell(tx: Tx, pool: PoolRow, terms: Terms, round_id: str) -> None:
    """The pool falls on a round of the caller's region; asked before it begins anew."""
    if terms.scope == "network":
        row = _row(tx, pool, tx.caller.region)
        fields = (pool.pool_id, pool.hits + 1, tx.caller.tenant, round_id)
        tx.put(
            row.but(
                paid=row.paid + pool.size,
                hits=row.hits + 1,
                last_reference=dice(tx).draw("jackpot_reference", *fields)[:16].hex(),
                last_amount=pool.size,
                last_ns=tx.now_ns,
            )
        )


def view(tx: Reads, pool: PoolRow, terms: Terms) -> list[p.RegionPart]:
    """Every region's part of a network pool, in the order of its members; none of a local one."""
    if terms.scope != "network":
        return []
    regions = dict.fromkeys(one.region for one in terms.members)
    rows = [_row(tx, pool, region) for region in regions]
    return [_shown(row, sum(one.size for one in rows)) for row in rows]


def _shown(row: SubPoolRow, whole: int) -> p.RegionPart:
    hit = None
    if row.last_reference is not None and row.last_amount is not None and row.last_ns is not None:
        hit = p.RegionHit(
            reference=row.last_reference,
            amount=Money.of(row.last_amount, row.currency),
            at=iso(row.last_ns),
        )
    share = Fraction(row.size, whole) if whole else Fraction(0)
    return p.RegionPart(
        region=row.region,
        bets=row.bets,
        participants=row.players,
        size=Money.of(row.size, row.currency),
        share=p.Odds(numerator=share.numerator, denominator=share.denominator),
        contributed=Money.of(row.contributed, row.currency),
        paid=Money.of(row.paid, row.currency),
        hits=row.hits,
        last_hit=hit,
    )


def _row(tx: Reads, pool: PoolRow, region: str) -> SubPoolRow:
    """A region's part as it stands in the pool's present cycle."""
    row = tx.get(SubPoolRow, (pool.pool_id, region))
    if row is None:
        row = SubPoolRow(pool_id=pool.pool_id, region=region, currency=pool.currency)
    if row.since_cycle != pool.since_cycle:
        row = row.but(since_cycle=pool.since_cycle, size=0)
    return row if row.cycle == pool.cycle else row.but(cycle=pool.cycle, players=0)
