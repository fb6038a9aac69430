"""Pools: put into a new store, and shown (JP-01, JP-14)."""

import msgspec

from simulator.base.clock import LATEST_NS, iso, iso_or_none
from simulator.base.errors import Duplicate
from simulator.jackpot import cycles, degraded, subpools, tell, terms
from simulator.jackpot.access import as_member
from simulator.jackpot.rows import MemberRow, PoolRow, TermsRow
from simulator.store.listing import page
from simulator.store.tx import Query, Reads, Tx
from simulator.wire import jackpot_pools as p
from simulator.wire.messages import Message, Money, Page


class OpenPool(Message, frozen=True, kw_only=True):
    """Open a pool under its first terms; an operation of the world's owner."""

    pool: terms.Terms


def open_pool(tx: Tx, ask: OpenPool) -> p.Pool:
    """Open a pool with its first cycle. Raises Duplicate for one that is open."""
    first = ask.pool
    if tx.lock(PoolRow, (first.pool_id,)) is not None:
        raise Duplicate(f"pool {first.pool_id} is open already", details={"pool_id": first.pool_id})
    tx.put(TermsRow(pool_id=first.pool_id, version="1", terms=terms.write(first), op=tx.position))
    row = PoolRow(
        pool_id=first.pool_id,
        kind=first.kind,
        level=first.level,
        currency=first.currency,
        version=1,
        rate_n=first.rate.numerator,
        rate_d=first.rate.denominator,
        opened_ns=tx.now_ns,
        opened_op=tx.position,
    )
    for member in first.members:
        tx.put(
            MemberRow(
                brand=member.brand,
                pool_id=first.pool_id,
                region=member.region,
                kind=first.kind,
                level=first.level,
                grouped=first.group or "",
            )
        )
    row = tx.put(cycles.begin(tx, row, first, 1))
    tell.pool(tx, row)
    return view(tx, row, first)


def read_pool(tx: Reads, ask: p.PoolRef) -> p.Pool:
    """One pool, as a widget shows it (JP-14). Raises NotFound for one of others."""
    pool, in_force = as_member(tx, tx.get(PoolRow, (ask.pool_id,)), ask.pool_id)
    shown = view(tx, pool, in_force)
    wrong = degraded.why(tx, in_force)
    return shown if wrong is None else msgspec.structs.replace(shown, degraded=wrong)


def list_pools(tx: Reads, ask: p.ListPools) -> Page:
    """The pools that the caller's brand takes part in, from its region (JP-14)."""
    where = [("brand", "=", tx.caller.brand), ("region", "=", tx.caller.region)]
    for column, value in (("kind", ask.kind), ("level", ask.level), ("grouped", ask.group)):
        if value is not None:
            where.append((column, "=", value))
    query = Query(MemberRow, tuple(where), ask.order == "desc")
    return page(tx, query, ask, lambda row: read_pool(tx, p.PoolRef(pool_id=row.pool_id)))


def view(tx: Reads, pool: PoolRow, in_force: terms.Terms) -> p.Pool:
    """A pool as it is shown: its size, and never the point at which it falls (WAL-93)."""
    currency = pool.currency
    rate, chance = in_force.rate, in_force.trigger.chance
    cap, highest = in_force.cap, in_force.trigger.max
    odds = None if chance is None else p.Odds(numerator=1, denominator=chance.one_in)
    per_stake = None if chance is None else chance.per_stake
    if cycles.is_idle(tx, pool):  # it has a time to fall again with the next contribution
        pool = pool.but(deadline_ns=None, commitment=None)
    window = in_force.trigger.window(tx.now_ns)
    if window is not None and not pool.bets:
        pool = pool.but(deadline_ns=window[1])
    eta_ns = _eta_ns(tx, pool, in_force)
    return p.Pool(
        pool_id=pool.pool_id,
        title=in_force.title,
        kind=pool.kind,
        scope=in_force.scope,
        level=pool.level,
        status=pool.status,
        size=Money.of(pool.size, currency),
        seed=Money(in_force.seed, currency),
        participants=pool.players,
        cycle=pool.cycle,
        hits=pool.hits,
        version=pool.version,
        next_version=pool.next_version,
        trigger=in_force.trigger.by,
        opened_at=iso(pool.opened_ns),
        rate=p.Odds(numerator=rate.numerator, denominator=rate.denominator)
        if rate.numerator
        else None,
        group=in_force.group,
        cap=None if cap is None else Money(cap, currency),
        odds=odds,
        odds_per_stake=None if per_stake is None else Money(per_stake, currency),
        must_drop_by=None if highest is None else Money(highest, currency),
        opens_at=None if window is None else iso(window[0]),
        deadline_at=iso_or_none(pool.deadline_ns),
        commitment=pool.commitment,
        eta_at=iso_or_none(eta_ns),
        regions=subpools.view(tx, pool, in_force),
    )


def _eta_ns(tx: Reads, pool: PoolRow, in_force: terms.Terms) -> int | None:
    """When a must-drop pool will have fallen at the latest, if it goes on growing as it does: by
    its cap, or its deadline. It tells nothing of the hidden point (JP-31)."""
    if pool.deadline_ns is not None:
        return pool.deadline_ns
    grown = pool.size - in_force.seed_minor
    if in_force.trigger.max is None or grown <= 0:
        return None
    left = in_force.minor(in_force.trigger.max) - pool.size
    return min(LATEST_NS, tx.now_ns + left * (tx.now_ns - pool.opened_ns) // grown)
