"""Degradation: what is out of order, and what pools do about it until it is over (JP-80).

Conditions are read from rows each time, so they are the same after a crash and in a fork:

    wallet_offline, rgs_offline   a payout, or a look at its feed, waits too long for its answer
    clock_out_of_step             an answer of the last minute had a `Date` that was off

A pool whose terms say `pause_triggers` takes contributions and holds back what would fall; one that
says `refuse_contributions` takes none, so that whoever sends them repeats them. Nothing is lost:
what is held falls on the same bet when the condition is over, in the order in which it was held.
"""

from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from simulator.base.clock import NS_PER_S, iso
from simulator.base.errors import NotFound, Unavailable
from simulator.jackpot import falls, watch
from simulator.jackpot.access import terms_of
from simulator.jackpot.rows import ContributionRow, MemberRow, PayoutRow, PoolRow, TriggerRow
from simulator.jackpot.terms import Degrade, Terms
from simulator.jackpot.watch_rows import FeedRow, HeldRow, PeerRow
from simulator.store.listing import own
from simulator.store.tx import Query, Reads, Tx
from simulator.wire import jackpot_health as h
from simulator.wire.jackpot import Fell
from simulator.wire.jackpot_pools import Condition
from simulator.wire.messages import Message, Money

RETRY_AFTER_S = 5
"""When somebody whose contribution was refused may try again."""

MEMORY_NS = 60 * NS_PER_S
"""So long an answer's `Date` counts; and so often what is held is looked at by itself."""

_PEERS = ("wallet", "rgs")
_MOST = 1_000


class LookAgain(Message, frozen=True, kw_only=True):
    """Look at what is held back; an operation of the world's owner for its brand."""

    jp_contrib_id: str


# What is out of order -----------------------------------------------------------------------------


def why(tx: Reads, terms: Terms) -> Condition | None:
    """What keeps a pool from its usual way, if anything; asked before anything is written."""
    if terms.degrade is None:
        return None
    return next((what for what, _ in conditions(tx, terms.degrade)), None)


def conditions(tx: Reads, limits: Degrade) -> list[tuple[Condition, int]]:
    """Everything that is out of order for the caller's brand, with since when."""
    before_ns = tx.now_ns - limits.late_s * NS_PER_S
    found: list[tuple[Condition, int]] = []
    watched = watch.of(tx)
    late = None if watched is None else watched.oldest_ns
    if late is not None and late >= before_ns:
        late = None
    wallet, rgs = (_late_feed(tx, feed, before_ns) for feed in _PEERS)
    waiting = [at_ns for at_ns in (late, wallet) if at_ns is not None]
    if waiting:
        found.append(("wallet_offline", min(waiting)))
    if rgs is not None:
        found.append(("rgs_offline", rgs))
    for name in _PEERS:
        peer = tx.get(PeerRow, (tx.caller.tenant, name))
        if peer is None or peer.seen_ns + MEMORY_NS <= tx.now_ns:
            continue
        if abs(peer.off_s) > limits.off_s:
            found.append(("clock_out_of_step", peer.since_ns))
            break
    return found


def refuses(terms: Terms) -> bool:
    """True for a pool that takes nothing while something is out of order."""
    return terms.degrade is not None and terms.degrade.then == "refuse_contributions"


def refusal(pool: PoolRow, what: Condition) -> Unavailable:
    """For now; whoever repeats it is not lost."""
    return Unavailable(
        f"pool {pool.pool_id} takes nothing for now: {what}",
        retry_after_s=RETRY_AFTER_S,
        details={"reason": what, "pool_id": pool.pool_id},
    )


def note_clock(tx: Tx, party: str, date: str | None) -> None:
    """Remember how far off a party's clock was, by the `Date` of its answer."""
    try:
        there_s = int(parsedate_to_datetime(date or "").timestamp())
    except (ValueError, OverflowError):
        return
    off_s = there_s - tx.now_ns // NS_PER_S
    if abs(off_s) == 1:  # which is the answer's way, and a Date has whole seconds
        off_s = 0
    caller = tx.caller
    known = tx.get(PeerRow, (caller.tenant, party))
    if known is None:
        if off_s:
            tx.put(
                PeerRow(
                    tenant=caller.tenant,
                    party=party,
                    off_s=off_s,
                    seen_ns=tx.now_ns,
                    since_ns=tx.now_ns,
                )
            )
    elif off_s or known.off_s:
        since_ns = known.since_ns if known.off_s and off_s else tx.now_ns
        tx.put(known.but(off_s=off_s, seen_ns=tx.now_ns, since_ns=since_ns))


def _late_feed(tx: Reads, feed: str, before_ns: int) -> int | None:
    """When a feed was asked for its next page, where it has not answered for too long."""
    row = tx.get(FeedRow, (tx.caller.tenant, feed))
    asked_ns = None if row is None else row.asked_ns
    return asked_ns if asked_ns is not None and asked_ns < before_ns else None


# What is held back --------------------------------------------------------------------------------


def held(tx: Reads) -> list[HeldRow]:
    """What is held back for the caller's brand, the oldest first; asked before anything is
    written."""
    watched = watch.of(tx)
    if watched is None or not watched.held:
        return []
    rows = tx.page(Query(HeldRow, (*own(tx, None), ("status", "=", "held"))), None, _MOST)
    return [row for row in rows if isinstance(row, HeldRow)]


def holds_already(rows: Sequence[HeldRow], pool: PoolRow, terms: Terms) -> bool:
    """A hidden point is reached once; whoever comes after it has not reached it."""
    if terms.trigger.by == "chance":
        return False
    return any((row.pool_id, row.cycle) == (pool.pool_id, pool.cycle) for row in rows)


def hold(tx: Tx, row: ContributionRow, reason: str) -> None:
    """Keep in mind that a pool would have fallen on this contribution."""
    tx.put(
        HeldRow(
            tenant=row.tenant,
            jp_contrib_id=row.jp_contrib_id,
            brand=row.brand,
            region=row.region,
            pool_id=row.pool_id,
            cycle=row.cycle,
            reason=reason,
            at_ns=tx.now_ns,
            next_ns=tx.now_ns + MEMORY_NS,
        )
    )
    watch.holds(tx, 1)


def set_out(tx: Tx, waiting: Sequence[HeldRow]) -> None:
    """Have what is held looked at, off the answer's path; there may be nothing."""
    if waiting:
        key = f"catch-up-{waiting[0].jp_contrib_id}-{tx.position}"
        tx.ask(falls.post(tx.caller, "jackpot", "/v1/jp/catch-up", key, {}))


def catch_up(tx: Tx, _ask: h.CatchUp) -> h.CaughtUp:
    """Let the oldest fall happen that nothing is in the way of, and go on with the next."""
    waiting = held(tx)
    wrong: Condition | None = None
    for one in waiting:
        pool = tx.get(PoolRow, (one.pool_id,))
        if pool is None:
            raise RuntimeError(f"pool {one.pool_id} is gone")
        terms = terms_of(tx, pool)
        what = why(tx, terms)
        if what is not None or pool.status == "paused":
            wrong = wrong or what
            continue
        rest = [other for other in waiting if other is not one]
        told = _let_fall(tx, one, terms)
        set_out(tx, rest)
        return h.CaughtUp(left=len(rest), fell=told, why=wrong)
    return h.CaughtUp(left=len(waiting), why=wrong)


def _let_fall(tx: Tx, one: HeldRow, terms: Terms) -> Fell | None:
    """It falls on the bet that it was held for; not on one that was rolled back meanwhile."""
    pool = tx.lock(PoolRow, (one.pool_id,))
    row = tx.get(ContributionRow, (one.tenant, one.jp_contrib_id))
    if pool is None or row is None:
        raise RuntimeError(f"what contribution {one.jp_contrib_id} was held for is gone")
    watch.holds(tx, -1)
    over = terms.trigger.by != "chance" and pool.cycle != one.cycle
    if over or row.status != "recorded":
        tx.put(one.but(status="dropped"))
        return None
    fell = falls.fall(tx, pool, terms, falls.Winner.of(row), tx.mint("jpt"), one.reason)
    tx.put(one.but(status="fell"))
    return told(fell)


def told(fell: TriggerRow) -> Fell:
    """A fall, as a contribution tells of it."""
    return Fell(
        jp_trigger_id=fell.jp_trigger_id,
        jp_payout_id=fell.jp_payout_id,
        amount=Money.of(fell.amount, fell.currency),
    )


# By the clock, and what is shown ------------------------------------------------------------------


def next_ns(tx: Reads) -> int | None:
    """When something that is held is to be looked at; None where nothing is."""
    return min((row.next_ns for row in _all_held(tx)), default=None)


def find(tx: Reads) -> Sequence[tuple[str, str, LookAgain]]:
    """What is to be looked at by now: one of each brand, and the rest follows it."""
    due: dict[str, tuple[str, str, LookAgain]] = {}
    for row in _all_held(tx):
        if row.next_ns <= tx.now_ns:
            ask = LookAgain(jp_contrib_id=row.jp_contrib_id)
            due.setdefault(row.brand, (row.brand, f"{row.jp_contrib_id}/{row.next_ns}", ask))
    return list(due.values())


def look_again(tx: Tx, ask: LookAgain) -> h.CaughtUp:
    """Set a look out. Raises NotFound where nothing is held any more."""
    waiting = held(tx)
    due = [row for row in waiting if row.next_ns <= tx.now_ns]
    tx.lock(HeldRow, (tx.caller.tenant, ask.jp_contrib_id))
    if not due:
        raise NotFound(f"contribution {ask.jp_contrib_id} is not held back")
    for row in due:
        tx.put(row.but(next_ns=tx.now_ns + MEMORY_NS))
    set_out(tx, waiting)
    return h.CaughtUp(left=len(waiting))


def read_health(tx: Reads, _ask: h.AskHealth) -> h.Health:
    """What is out of order for the caller's brand, and what its pools do about it."""
    found = conditions(tx, Degrade())
    members = tx.page(Query(MemberRow, (("brand", "=", tx.caller.brand),)), None, _MOST)
    pools = []
    for member in members:
        pool = tx.get(PoolRow, (member.pool_id,)) if isinstance(member, MemberRow) else None
        if pool is None:
            continue
        terms = terms_of(tx, pool)
        what = why(tx, terms)
        if what is not None and terms.degrade is not None:
            pools.append(h.DegradedPool(pool_id=pool.pool_id, then=terms.degrade.then, why=what))
    under_way = (*own(tx, None), ("waits_ns", ">=", 0))
    waiting = held(tx)
    return h.Health(
        status="degraded" if found or pools or waiting else "ok",
        conditions=[h.Wrong(what=what, since=iso(at_ns)) for what, at_ns in found],
        pools=pools,
        held=len(waiting),
        under_way=len(tx.page(Query(PayoutRow, under_way), None, _MOST)),
    )


def _all_held(tx: Reads) -> list[HeldRow]:
    rows = tx.page(Query(HeldRow, (("status", "=", "held"),)), None, _MOST)
    return [row for row in rows if isinstance(row, HeldRow)]
