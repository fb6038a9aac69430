"""What a pool's owner changes: paused, resumed, other terms (JP-20, WAL-95).

Terms are versions: a change makes the next one, which takes effect when the pool falls, so nobody
who has contributed under one formula wins or loses under another. What a pool is (kind, currency,
level, owner and members) never changes: that is another pool. What it does beside its formula, when
something is out of order or when it pays, counts at once.
"""

from decimal import Decimal

from msgspec.structs import replace

from simulator.base.errors import CurrencyMismatch, InvalidState, NotFound
from simulator.jackpot import decisions, degraded, pools, tell
from simulator.jackpot import terms as t
from simulator.jackpot.access import as_member, as_owner, terms_of
from simulator.jackpot.rows import PoolRow, TermsRow
from simulator.store.tx import Again, Reads, Tx
from simulator.wire import jackpot_pools as p
from simulator.wire.events import Event
from simulator.wire.messages import Money, invalid


def pause(tx: Tx, ask: p.SwitchPool) -> p.Pool | Again:
    """A pool neither grows nor pays until it is resumed; what has fallen before is paid (WAL-95).
    Raises NotFound, ScopeDenied, Duplicate, InvalidState."""
    return _switch(tx, ask, "pause", "open", "paused")


def resume(tx: Tx, ask: p.SwitchPool) -> p.Pool | Again:
    """A paused pool goes on as it was (WAL-95). Raises as `pause` does."""
    return _switch(tx, ask, "resume", "paused", "open")


def change_terms(tx: Tx, ask: p.ChangeTerms) -> p.PoolTerms | Again:
    """Make the next version of a pool's terms: the latest one with what is named changed. Where no
    part of the formula is named it counts at once, and in what waits for the next fall as well.

    Raises NotFound, ScopeDenied, Duplicate, CurrencyMismatch, and ValidationFailed for terms that
    cannot stand.
    """
    pool, in_force = as_owner(tx, tx.lock(PoolRow, (ask.pool_id,)), ask.pool_id)
    known = decisions.again(tx, ask.change_id, "terms", ask)
    if known is not None:
        return known
    waiting = degraded.held(tx)
    following = None if pool.next_version is None else terms_of(tx, pool, pool.next_version)
    version = (pool.next_version or pool.version) + 1
    if _at_once(ask):
        changed = _keep(tx, pool, _changed(in_force, ask), version)
        pool = pool.but(version=version)
        if following is not None:
            _keep(tx, pool, _changed(following, ask), version + 1)
            pool = pool.but(next_version=version + 1)
    else:
        changed = _keep(tx, pool, _changed(following or in_force, ask), version)
        pool = pool.but(next_version=version)
    pool = tx.put(pool)
    decisions.note(tx, ask.change_id, "terms", pool.pool_id, ask)
    degraded.set_out(tx, waiting)
    _tell(tx, pool, "terms", ask.change_id, ask, version)
    return _view(pool, changed, version)


def read_terms(tx: Reads, ask: p.ReadTerms) -> p.PoolTerms:
    """The terms in force, or those of a version. Raises NotFound."""
    pool, in_force = as_member(tx, tx.get(PoolRow, (ask.pool_id,)), ask.pool_id)
    if ask.version is None:
        return _view(pool, in_force, pool.version)
    if tx.get(TermsRow, (pool.pool_id, str(ask.version))) is None:
        raise NotFound(
            f"pool {pool.pool_id} has no terms of version {ask.version}",
            details={"pool_id": pool.pool_id},
        )
    return _view(pool, terms_of(tx, pool, ask.version), ask.version)


_FORMULA = ("title", "seed", "cap", "min_stake", "max_stake", "rate", "split", "trigger")
"""What was published of the cycle under way: it stays as it is until the pool falls."""

_MANNERS = ("degrade", "callback", "sets_aside")
"""What a pool does beside it, which nobody wins or loses by."""


def _at_once(ask: p.ChangeTerms) -> bool:
    """True for a change that need not wait for the next fall."""
    named = {name for name in (*_FORMULA, *_MANNERS) if getattr(ask, name) is not None}
    return bool(named) and named <= set(_MANNERS)


def _keep(tx: Tx, pool: PoolRow, terms: t.Terms, version: int) -> t.Terms:
    """Write a version of a pool's terms down. Raises ValidationFailed where they cannot stand."""
    wrong = t.wrong_with(terms)
    if wrong is not None:
        raise invalid(*wrong)
    tx.put(
        TermsRow(pool_id=pool.pool_id, version=str(version), terms=t.write(terms), op=tx.position)
    )
    return terms


def _switch(
    tx: Tx, ask: p.SwitchPool, what: str, before: p.PoolStatus, after: p.PoolStatus
) -> p.Pool | Again:
    pool, in_force = as_owner(tx, tx.lock(PoolRow, (ask.pool_id,)), ask.pool_id)
    known = decisions.again(tx, ask.change_id, what, ask)
    if known is not None:
        return known
    if pool.status != before:
        raise InvalidState(
            f"pool {pool.pool_id} is {pool.status}",
            details={"reason": pool.status, "pool_id": pool.pool_id},
        )
    waiting = degraded.held(tx)
    decisions.note(tx, ask.change_id, what, pool.pool_id, ask)
    pool = tx.put(pool.but(status=after))
    degraded.set_out(tx, waiting)
    _tell(tx, pool, what, ask.change_id, ask, pool.version)
    tell.pool(tx, pool)
    return pools.view(tx, pool, in_force)


def _tell(
    tx: Tx, pool: PoolRow, what: str, change_id: str, ask: decisions.Decided, version: int
) -> None:
    payload = tell.ConfigChanged(
        pool_id=pool.pool_id,
        decision_id=change_id,
        what=what,
        reason=ask.reason,
        approved_by=ask.approved_by,
        version=version,
    )
    tx.emit(Event(topic="jp.config.changed", payload=payload))


def _changed(terms: t.Terms, ask: p.ChangeTerms) -> t.Terms:
    def amount(money: Money | None, otherwise: Decimal | None) -> Decimal | None:
        if money is None:
            return otherwise
        if money.currency != terms.currency:
            raise CurrencyMismatch(f"pool {terms.pool_id} is in {terms.currency}")
        return money.amount

    rate, split, falls = terms.rate, terms.split, terms.trigger
    if ask.rate is not None:
        rate = t.Rate(numerator=ask.rate.numerator, denominator=ask.rate.denominator)
    if ask.split is not None:
        weights = ask.split
        split = t.Split(current=weights.current, reserve=weights.reserve, seed=weights.seed)
    if ask.trigger is not None:
        new, chance = ask.trigger, None
        if new.chance is not None:
            chance = t.Chance(
                one_in=new.chance.one_in, per_stake=amount(new.chance.per_stake, None)
            )
        falls = t.Falls(
            by=new.by,
            chance=chance,
            min=amount(new.min, None),
            max=amount(new.max, None),
            earliest_s=new.earliest_s,
            latest_s=new.latest_s,
            starts_at=new.starts_at,
            open_s=new.open_s,
            every_s=new.every_s,
        )
    degrade, callback = terms.degrade, terms.callback
    if ask.degrade is not None:
        degrade = _degrade(ask.degrade)
    if ask.callback is not None:
        callback = ask.callback or None
    return replace(
        terms,
        title=ask.title or terms.title,
        seed=amount(ask.seed, terms.seed),
        cap=amount(ask.cap, terms.cap),
        min_stake=amount(ask.min_stake, terms.min_stake),
        max_stake=amount(ask.max_stake, terms.max_stake),
        rate=rate,
        split=split,
        trigger=falls,
        degrade=degrade,
        callback=callback,
        sets_aside=terms.sets_aside if ask.sets_aside is None else ask.sets_aside,
    )


def _view(pool: PoolRow, terms: t.Terms, version: int) -> p.PoolTerms:
    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, terms.currency)

    falls, rate, split = terms.trigger, terms.rate, terms.split
    chance = None
    if falls.chance is not None:
        chance = p.OneIn(one_in=falls.chance.one_in, per_stake=money(falls.chance.per_stake))
    return p.PoolTerms(
        pool_id=pool.pool_id,
        version=version,
        status=_status(pool, version),
        title=terms.title,
        seed=Money(terms.seed, terms.currency),
        split=p.Weights(current=split.current, reserve=split.reserve, seed=split.seed),
        trigger=p.FallsBy(
            by=falls.by,
            chance=chance,
            min=money(falls.min),
            max=money(falls.max),
            earliest_s=falls.earliest_s,
            latest_s=falls.latest_s,
            starts_at=falls.starts_at,
            open_s=falls.open_s,
            every_s=falls.every_s,
        ),
        rate=p.Part(numerator=rate.numerator, denominator=rate.denominator)
        if rate.numerator
        else None,
        cap=money(terms.cap),
        min_stake=money(terms.min_stake),
        max_stake=money(terms.max_stake),
        degrade=_shown(terms.degrade),
        callback=terms.callback,
        sets_aside=terms.sets_aside,
    )


def _status(pool: PoolRow, version: int) -> p.TermsStatus:
    if version == pool.version:
        return "in_force"
    return "next" if version == pool.next_version else "past"


def _degrade(said: p.Degrade) -> t.Degrade | None:
    """None where a pool minds nothing."""
    if said.then == "go_on":
        return None
    return t.Degrade(then=said.then, late_s=said.late_s, off_s=said.off_s)


def _shown(kept: t.Degrade | None) -> p.Degrade:
    if kept is None:
        return p.Degrade(then="go_on")
    return p.Degrade(then=kept.then, late_s=kept.late_s, off_s=kept.off_s)
