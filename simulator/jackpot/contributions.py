"""Contributions: what a bet puts into a pool, once, and what becomes of it when the bet is rolled
back (JP-10, WAL-90..96)."""

from msgspec.structs import replace

from simulator.base.clock import iso, iso_or_none
from simulator.base.errors import (
    CurrencyMismatch,
    Duplicate,
    InvalidState,
    LimitExceeded,
    NotFound,
)
from simulator.base.money import MAX_AMOUNT_MINOR, MAX_SUM_MINOR
from simulator.jackpot import cycles, degraded, falls, subpools, tell, tickets
from simulator.jackpot.access import as_member, require_tenant, terms_of
from simulator.jackpot.rows import (
    BetGone,
    BetRow,
    ContributionRow,
    PlayerRow,
    PoolRow,
    Tombstone,
)
from simulator.jackpot.shares import Carried, Shares, share
from simulator.jackpot.terms import Terms
from simulator.store.listing import asked, own, page
from simulator.store.owned import mine, require_mine
from simulator.store.tx import Again, Query, Reads, Tx
from simulator.wire import jackpot as j
from simulator.wire.messages import Money, Page


def contribute(tx: Tx, ask: j.Contribute) -> j.Contribution | Again:
    """Put a bet's part into a pool; where the service itself decides, the pool may fall on it.

    Raises ScopeDenied, NotFound, Duplicate for an id or a bet that is known otherwise (PRV-32),
    InvalidState for a paused or fixed pool and for what was reversed before it came,
    CurrencyMismatch, and LimitExceeded for a given contribution that is more than a minor unit off.
    """
    require_tenant(tx, ask.tenant_id)
    pool, terms = as_member(tx, tx.lock(PoolRow, (ask.pool_id,)), ask.pool_id)
    known = tx.get(ContributionRow, (tx.caller.tenant, ask.jp_contrib_id))
    if known is not None:
        return _again(tx, known, ask)
    _require_new(tx, ask)
    _require_open(pool)
    _require_amounts(ask, pool, terms)
    wrong = degraded.why(tx, terms)
    if wrong is not None and degraded.refuses(terms):
        raise degraded.refusal(pool, wrong)
    waiting = [] if terms.degrade is None else degraded.held(tx)
    cycles.require_window(tx, pool, terms)
    if cycles.is_idle(tx, pool):
        pool = cycles.go_on(tx, pool, terms)
    carried = Carried(pool.carry, pool.reserve_carry, pool.seed_carry)
    shares = share(terms, ask.bet.minor, pool.size, carried)
    _require_room(pool, ask.bet.minor, shares.current)
    row = _record(tx, ask, pool, terms, shares)
    newcomers = _is_new(tx, pool, ask.player_id)
    pool = pool.but(
        size=pool.size + shares.current,
        reserve=pool.reserve + shares.reserve,
        seed_fund=pool.seed_fund + shares.seed,
        overflow=pool.overflow + shares.overflow,
        contributed=pool.contributed + shares.amount,
        diverted=pool.diverted + shares.amount - shares.current,
        stakes=pool.stakes + ask.bet.minor,
        taken=pool.taken + shares.amount,
        carry=shares.carried.rate,
        reserve_carry=shares.carried.reserve,
        seed_carry=shares.carried.seed,
        bets=pool.bets + 1,
        players=pool.players + newcomers,
    )
    subpools.contributed(tx, pool, terms, shares, newcomers)
    tell.contribution(tx, row)
    size = Money.of(pool.size, pool.currency)
    shown = replace(_view(row), pool_size=size, degraded=wrong)
    hits = _hits(tx, pool, terms, row) and not degraded.holds_already(waiting, pool, terms)
    if hits and wrong is None:
        reason = _REASONS[terms.trigger.by]
        fell = falls.fall(tx, pool, terms, falls.Winner.of(row), tx.mint("jpt"), reason)
        return replace(shown, fell=degraded.told(fell))
    tx.put(pool)
    tell.pool(tx, pool)
    if hits:
        degraded.hold(tx, row, _REASONS[terms.trigger.by])
        return replace(shown, held=True)
    if wrong is None:
        degraded.set_out(tx, waiting)
    return shown


_REASONS = {"chance": "random", "amount": "must_drop", "time": "must_drop"}
"""Why a pool falls that the service lets fall itself."""


def _record(
    tx: Tx, ask: j.Contribute, pool: PoolRow, terms: Terms, shares: Shares
) -> ContributionRow:
    """Write a contribution down: its parts, its bet, and its tickets where a draw needs them."""
    place = pool.bets + 1 if terms.trigger.drawn else None
    row = tx.put(
        ContributionRow(
            tenant=tx.caller.tenant,
            jp_contrib_id=ask.jp_contrib_id,
            brand=tx.caller.brand,
            region=tx.caller.region,
            pool_id=pool.pool_id,
            version=pool.version,
            cycle=pool.cycle,
            round_id=ask.round_id,
            bet_id=ask.bet_id,
            player_id=ask.player_id,
            stake=ask.bet.minor,
            given=None if ask.contribution is None else ask.contribution.minor,
            amount=shares.amount,
            current=shares.current,
            to_reserve=shares.reserve,
            to_seed=shares.seed,
            to_overflow=shares.overflow,
            currency=pool.currency,
            op=tx.position,
            at_ns=tx.now_ns,
            place=place,
        )
    )
    tx.put(
        BetRow(
            tenant=row.tenant,
            pool_id=row.pool_id,
            bet_id=row.bet_id,
            jp_contrib_id=row.jp_contrib_id,
        )
    )
    if place is not None:
        tickets.issue(tx, row, place, row.stake if falls.stake_counts(terms, row.stake) else 0)
    return row


def reverse(tx: Tx, ask: j.Reverse) -> j.Reversed | Again:
    """Its bet was rolled back: before a hit it is taken out again, after one the reserve pays it
    and never the new pool. One that comes before its contribution keeps that out (WAL-96)."""
    caller = tx.caller
    name = (caller.tenant, ask.jp_contrib_id)
    found = mine(tx, tx.get(ContributionRow, name))
    if found is None:
        return _bury(tx, ask)
    pool = tx.lock(PoolRow, (found.pool_id,))
    if pool is None:
        raise RuntimeError(f"pool {found.pool_id} of contribution {ask.jp_contrib_id} is gone")
    if found.reversed_op is not None:
        return Again(found.reversed_op)
    before = found.cycle >= pool.since_cycle  # a timed pool may have gone on without a fall
    row = tx.put(
        found.but(
            status="reversed",
            charged_to="pool" if before else "reserve",
            reversed_op=tx.position,
            reversed_ns=tx.now_ns,
        )
    )
    if before:
        pool = pool.but(
            size=pool.size - row.current,
            reversed=pool.reversed + row.current,
            reserve=pool.reserve - row.to_reserve,
            seed_fund=pool.seed_fund - row.to_seed,
            overflow=pool.overflow - row.to_overflow,
        )
        subpools.reversed_in(tx, pool, terms_of(tx, pool), row.current)
        if row.place is not None and row.cycle == pool.cycle:
            tickets.take_back(tx, pool, row.place)
    else:
        pool = pool.but(reserve=pool.reserve - row.amount)
    tx.put(pool)
    tell.contribution(tx, row, "jp.contribution.reversed")
    tell.pool(tx, pool)
    return j.Reversed(
        jp_contrib_id=row.jp_contrib_id,
        status="reversed",
        pool_id=row.pool_id,
        contribution=Money.of(row.amount, row.currency),
        charged_to="pool" if before else "reserve",
    )


def read_contribution(tx: Reads, ask: j.ContributionRef) -> j.Contribution:
    """One contribution. Raises NotFound."""
    row = tx.get(ContributionRow, (tx.caller.tenant, ask.jp_contrib_id))
    return _view(require_mine(tx, row, "contribution", ask.jp_contrib_id, field="jp_contrib_id"))


def list_contributions(tx: Reads, ask: j.ListContributions) -> Page:
    """The caller's contributions, oldest first."""
    terms = own(tx, None) + asked(ask, "pool_id", "player_id", "round_id", "status")
    return page(tx, Query(ContributionRow, tuple(terms), ask.order == "desc"), ask, _view)


# What must hold before ----------------------------------------------------------------------------


def _again(tx: Tx, known: ContributionRow, ask: j.Contribute) -> Again:
    given = None if ask.contribution is None else ask.contribution.minor
    same = (
        mine(tx, known) is not None
        and (known.pool_id, known.round_id, known.bet_id, known.player_id)
        == (ask.pool_id, ask.round_id, ask.bet_id, ask.player_id)
        and (known.stake, known.currency, known.given) == (ask.bet.minor, ask.bet.currency, given)
    )
    if not same:
        raise Duplicate(
            f"contribution {ask.jp_contrib_id} is known with other parameters",
            details={"jp_contrib_id": ask.jp_contrib_id},
        )
    return Again(known.op)


def _require_new(tx: Tx, ask: j.Contribute) -> None:
    tenant = tx.caller.tenant
    if tx.get(Tombstone, (tenant, ask.jp_contrib_id)) is not None:
        raise InvalidState(
            f"contribution {ask.jp_contrib_id} was reversed before it came",
            details={"reason": "tombstone", "jp_contrib_id": ask.jp_contrib_id},
        )
    if tx.get(BetGone, (tenant, ask.bet_id)) is not None:
        raise InvalidState(
            f"bet {ask.bet_id} was rolled back before it contributed",
            details={"reason": "tombstone", "bet_id": ask.bet_id},
        )
    bet = tx.get(BetRow, (tenant, ask.pool_id, ask.bet_id))
    if bet is not None:
        raise Duplicate(
            f"bet {ask.bet_id} has contributed to {ask.pool_id} already, as {bet.jp_contrib_id}",
            details={"bet_id": ask.bet_id, "jp_contrib_id": bet.jp_contrib_id},
        )


def _require_open(pool: PoolRow) -> None:
    if pool.status == "paused":
        raise falls.paused(pool)
    if pool.kind == "fixed":
        raise InvalidState(
            f"pool {pool.pool_id} is fixed: nothing is contributed to it",
            details={"reason": "fixed", "pool_id": pool.pool_id},
        )


def _require_amounts(ask: j.Contribute, pool: PoolRow, terms: Terms) -> None:
    for money in (ask.bet, ask.contribution or ask.bet):
        if money.currency != pool.currency:
            raise CurrencyMismatch(
                f"pool {pool.pool_id} is in {pool.currency}, not {money.currency}"
            )
    if ask.contribution is None:
        return
    rate = terms.rate
    off = abs(ask.contribution.minor * rate.denominator - ask.bet.minor * rate.numerator)
    if off > rate.denominator:
        right = Money.of(ask.bet.minor * rate.numerator // rate.denominator, pool.currency)
        raise LimitExceeded(
            f"a contribution of {ask.contribution.amount} is more than a minor unit off: "
            f"{rate.numerator}/{rate.denominator} of {ask.bet.amount} is {right.amount}",
            details={"limit": "contribution", "value": right},
        )


def _require_room(pool: PoolRow, stake: int, current: int) -> None:
    """Sums stay whole numbers of 64 bits, and a pool an amount that a wallet can be told of."""
    if (pool.stakes + stake) * max(pool.rate_n, pool.rate_d) > MAX_SUM_MINOR:
        raise LimitExceeded(
            f"the stakes of a cycle of pool {pool.pool_id} would be beyond what can be counted",
            details={"limit": "stakes"},
        )
    if pool.size + current > MAX_AMOUNT_MINOR:
        raise LimitExceeded(
            f"pool {pool.pool_id} would be larger than the largest amount",
            details={"limit": "size"},
        )


def _hits(tx: Tx, pool: PoolRow, terms: Terms, row: ContributionRow) -> bool:
    if terms.trigger.by == "chance":
        return falls.stake_counts(terms, row.stake) and cycles.strikes(
            tx, terms, row.stake, row.round_id, row.bet_id
        )
    return falls.stake_counts(terms, row.stake) and cycles.is_due(tx, pool, terms)


def _is_new(tx: Tx, pool: PoolRow, player_id: str) -> int:
    """1 where a player has not taken part in this cycle yet."""
    name = (tx.caller.tenant, pool.pool_id, player_id)
    known = tx.get(PlayerRow, name)
    if known is None:
        tenant, pool_id, _ = name
        tx.put(PlayerRow(tenant=tenant, pool_id=pool_id, player_id=player_id, cycle=pool.cycle))
        return 1
    if known.cycle == pool.cycle:
        return 0
    tx.put(known.but(cycle=pool.cycle))
    return 1


def _bury(tx: Tx, ask: j.Reverse) -> j.Reversed | Again:
    caller = tx.caller
    if tx.get(ContributionRow, (caller.tenant, ask.jp_contrib_id)) is not None:
        raise NotFound(
            f"there is no contribution {ask.jp_contrib_id}",
            details={"jp_contrib_id": ask.jp_contrib_id},
        )
    known = tx.lock(Tombstone, (caller.tenant, ask.jp_contrib_id))
    if known is not None:
        return Again(known.op)
    tx.put(
        Tombstone(
            tenant=caller.tenant,
            jp_contrib_id=ask.jp_contrib_id,
            brand=caller.brand,
            region=caller.region,
            op=tx.position,
        )
    )
    return j.Reversed(jp_contrib_id=ask.jp_contrib_id, status="reversed", tombstone=True)


def _view(row: ContributionRow) -> j.Contribution:
    return j.Contribution(
        jp_contrib_id=row.jp_contrib_id,
        pool_id=row.pool_id,
        round_id=row.round_id,
        bet_id=row.bet_id,
        player_id=row.player_id,
        status=row.status,
        bet=Money.of(row.stake, row.currency),
        contribution=Money.of(row.amount, row.currency),
        cycle=row.cycle,
        recorded_at=iso(row.at_ns),
        reversed_at=iso_or_none(row.reversed_ns),
    )
