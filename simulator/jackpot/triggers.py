"""Candidates and triggers: which bets may win, and which round has won (JP-11, JP-12)."""

from simulator.base.clock import iso
from simulator.base.errors import CurrencyMismatch, Duplicate, InvalidState
from simulator.jackpot import cycles, degraded, falls
from simulator.jackpot.access import as_member, require_tenant
from simulator.jackpot.rows import CandidateRow, ContributionRow, PoolRow, TriggerRow
from simulator.jackpot.terms import Terms
from simulator.store.listing import asked, own, page
from simulator.store.owned import mine, require_mine
from simulator.store.rows import Row
from simulator.store.tx import Again, Query, Reads, Tx
from simulator.wire import jackpot as j
from simulator.wire import jackpot_pools as p
from simulator.wire.messages import Money, Page

BETS_OF_A_ROUND = 100
"""Looked at when a round is selected; a round with more bets has won with one of the first."""


def judge(tx: Tx, ask: j.Judge) -> j.Judged | Again:
    """Say whether a bet may win a pool, with what odds where they can be told, and by which rules
    (JP-11). Who plays it is no rule (JP-33).

    Raises ScopeDenied, NotFound, CurrencyMismatch, and Duplicate for a bet that was judged with
    other parameters.
    """
    require_tenant(tx, ask.tenant_id)
    pool, terms = as_member(tx, tx.lock(PoolRow, (ask.pool_id,)), ask.pool_id)
    if ask.stake.currency != pool.currency:
        raise CurrencyMismatch(
            f"pool {pool.pool_id} is in {pool.currency}, not {ask.stake.currency}"
        )
    known = tx.get(CandidateRow, (tx.caller.tenant, pool.pool_id, ask.bet_id))
    if known is not None:
        same = (known.round_id, known.player_id, known.stake)
        if same != (ask.round_id, ask.player_id, ask.stake.minor):
            raise Duplicate(
                f"bet {ask.bet_id} was judged with other parameters",
                details={"bet_id": ask.bet_id},
            )
        return Again(known.op)
    against = _against(tx, pool, terms, ask)
    tx.put(
        CandidateRow(
            tenant=tx.caller.tenant,
            pool_id=pool.pool_id,
            bet_id=ask.bet_id,
            brand=tx.caller.brand,
            region=tx.caller.region,
            round_id=ask.round_id,
            player_id=ask.player_id,
            stake=ask.stake.minor,
            eligible=int(not against),
            op=tx.position,
        )
    )
    chance = terms.chance_of(ask.stake.minor)
    odds = p.Odds(numerator=chance.numerator, denominator=chance.denominator)
    return j.Judged(
        pool_id=pool.pool_id,
        bet_id=ask.bet_id,
        eligible=not against,
        rules=against or _rules(terms),
        odds=odds if chance and not against else None,
    )


def trigger(tx: Tx, ask: j.Trigger) -> j.Triggered | Again:
    """A pool falls on a round that the caller has drawn: an obligation comes to exist (JP-12).

    Raises Unavailable while something is out of order (JP-80); NotFound; Duplicate for an id that
    is known otherwise; InvalidState for a paused pool, one that the service alone lets fall, and a
    round that has no part in it or has won it before.
    """
    pool, terms = as_member(tx, tx.lock(PoolRow, (ask.pool_id,)), ask.pool_id)
    known = tx.get(TriggerRow, (tx.caller.tenant, ask.jp_trigger_id))
    chosen = ask.selection
    if known is not None:
        same = (known.pool_id, known.reason, known.player_id, known.round_id)
        if same != (ask.pool_id, ask.reason, chosen.player_id, chosen.round_id):
            raise Duplicate(
                f"trigger {ask.jp_trigger_id} is known with other parameters",
                details={"jp_trigger_id": ask.jp_trigger_id},
            )
        return Again(known.op)
    if pool.status == "paused":
        raise falls.paused(pool)
    if terms.trigger.by != "call":
        raise InvalidState(
            f"pool {pool.pool_id} falls by {terms.trigger.by}: nobody else triggers it",
            details={"reason": "internal", "pool_id": pool.pool_id},
        )
    wrong = degraded.why(tx, terms)
    if wrong is not None:
        raise degraded.refusal(pool, wrong)
    winner = _winner(tx, pool, terms, chosen)
    row = falls.fall(tx, pool, terms, winner, ask.jp_trigger_id, ask.reason)
    return view(row)


def read_trigger(tx: Reads, ask: j.TriggerRef) -> j.Triggered:
    """One trigger. Raises NotFound."""
    row = tx.get(TriggerRow, (tx.caller.tenant, ask.jp_trigger_id))
    return view(require_mine(tx, row, "trigger", ask.jp_trigger_id, field="jp_trigger_id"))


def list_triggers(tx: Reads, ask: j.ListTriggers) -> Page:
    """The caller's triggers, oldest first."""
    terms = own(tx, None) + asked(ask, "pool_id", "player_id")
    return page(tx, Query(TriggerRow, tuple(terms), ask.order == "desc"), ask, view)


def view(row: TriggerRow) -> j.Triggered:
    """A trigger as it is shown, with what its commitment had hidden."""
    reveal = None
    if row.point is not None and row.salt is not None and row.commitment is not None:
        reveal = j.Reveal(commitment=row.commitment, point=row.point, salt=row.salt)
    return j.Triggered(
        jp_trigger_id=row.jp_trigger_id,
        pool_id=row.pool_id,
        reason=row.reason,
        selection=j.Selection(player_id=row.player_id, round_id=row.round_id),
        hit=row.hit,
        cycle=row.cycle,
        level=row.level,
        amount=Money.of(row.amount, row.currency),
        jp_payout_id=row.jp_payout_id,
        triggered_at=iso(row.at_ns),
        reveal=reveal,
    )


# ------------------------------------------------------------------------------------------------


def _against(tx: Reads, pool: PoolRow, terms: Terms, ask: j.Judge) -> list[str]:
    """Every rule that a bet does not meet."""
    over = ask.max_bet is not None and ask.stake.minor > ask.max_bet.minor
    shut = cycles.shut(tx, pool, terms)
    rules = (
        (pool.status == "paused", "paused"),
        (shut is not None, "over" if shut == "over" else "closed"),
        (not falls.stake_counts(terms, ask.stake.minor), "stake"),
        (over, "max_bet"),
        *((True, flag) for flag in ask.flags),
    )
    return [name for broken, name in rules if broken]


def _rules(terms: Terms) -> list[str]:
    """The rules that a bet has met."""
    named = [name for name in ("min_stake", "max_stake") if getattr(terms, name) is not None]
    return ["member", f"by_{terms.trigger.by}", *named]


def _winner(tx: Tx, pool: PoolRow, terms: Terms, chosen: j.Selection) -> falls.Winner:
    """The bet with which a round has a part in the pool. Raises InvalidState."""
    where = (
        ("tenant", "=", tx.caller.tenant),
        ("pool_id", "=", pool.pool_id),
        ("round_id", "=", chosen.round_id),
    )
    if _page(tx, TriggerRow, where):
        raise InvalidState(
            f"round {chosen.round_id} has won pool {pool.pool_id} already",
            details={"reason": "already_won", "round_id": chosen.round_id},
        )
    for row in _page(tx, CandidateRow if pool.kind == "fixed" else ContributionRow, where):
        if isinstance(row, ContributionRow):
            counts = row.status == "recorded" and falls.stake_counts(terms, row.stake)
        else:
            counts = isinstance(row, CandidateRow) and bool(row.eligible)
        if not (counts and isinstance(row, ContributionRow | CandidateRow) and mine(tx, row)):
            continue
        if row.player_id == chosen.player_id:
            return falls.Winner.of(row)
    raise InvalidState(
        f"round {chosen.round_id} of player {chosen.player_id} has no part in pool {pool.pool_id}",
        details={"reason": "not_eligible", "round_id": chosen.round_id},
    )


def _page(tx: Tx, kind: type[Row], where: tuple[tuple[str, str, str], ...]) -> list[Row]:
    return list(tx.page(Query(kind, where), None, BETS_OF_A_ROUND))
