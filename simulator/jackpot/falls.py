"""A pool falls: one winner for each hit, an obligation that will be paid, and a new cycle.

(JP-34, JP-40, WAL-94) All of it is one transaction; the payout is set out through the outbox, as a
call of the service to itself, so a crash leaves neither a fall without its payout nor a payout
without its fall (JP-41).
"""

from dataclasses import dataclass

from simulator.base.errors import InvalidState
from simulator.jackpot import cycles, subpools, tell, watch
from simulator.jackpot.access import terms_of
from simulator.jackpot.rows import CandidateRow, ContributionRow, PayoutRow, PoolRow, TriggerRow
from simulator.jackpot.terms import Terms
from simulator.store.tx import Tx
from simulator.wire import json
from simulator.wire.calls import Call, Caller
from simulator.wire.events import Event
from simulator.wire.jackpot import PayOut
from simulator.wire.messages import Money

PROVIDER = "jackpot"
"""Under which name the service calls others: what it pays is accounted for under it."""


@dataclass(frozen=True, slots=True)
class Winner:
    """The round that a pool falls on."""

    round_id: str
    bet_id: str
    player_id: str

    @classmethod
    def of(cls, row: ContributionRow | CandidateRow) -> "Winner":
        """The round of a bet."""
        return cls(row.round_id, row.bet_id, row.player_id)


def fall(
    tx: Tx, pool: PoolRow, terms: Terms, winner: Winner, jp_trigger_id: str, reason: str
) -> TriggerRow:
    """Let a pool fall: the obligation is its size, and it begins anew. The caller has locked the
    pool; it is written here, with its new cycle."""
    caller = tx.caller
    payout = tx.put(
        PayoutRow(
            tenant=caller.tenant,
            jp_payout_id=tx.mint("jpp"),
            brand=caller.brand,
            region=caller.region,
            jp_trigger_id=jp_trigger_id,
            pool_id=pool.pool_id,
            player_id=winner.player_id,
            round_id=winner.round_id,
            level=terms.level,
            amount=pool.size,
            currency=pool.currency,
            due_op=tx.position,
            due_ns=tx.now_ns,
            waits_ns=tx.now_ns,
            set_aside="wanted" if terms.sets_aside else None,
        )
    )
    trigger = tx.put(
        TriggerRow(
            tenant=caller.tenant,
            jp_trigger_id=jp_trigger_id,
            brand=caller.brand,
            region=caller.region,
            pool_id=pool.pool_id,
            reason=reason,
            player_id=winner.player_id,
            round_id=winner.round_id,
            jp_payout_id=payout.jp_payout_id,
            hit=pool.hits + 1,
            cycle=pool.cycle,
            version=pool.version,
            level=terms.level,
            amount=pool.size,
            currency=pool.currency,
            stakes=pool.stakes,
            taken=pool.taken,
            rate_n=pool.rate_n,
            rate_d=pool.rate_d,
            carry_in=pool.carry_in,
            carry=pool.carry,
            point=pool.point,
            salt=pool.salt,
            commitment=pool.commitment,
            op=tx.position,
            at_ns=tx.now_ns,
        )
    )
    watch.waits(tx)
    subpools.fell(tx, pool, terms, winner.round_id)
    paid = pool.but(size=0, paid=pool.paid + pool.size, hits=pool.hits + 1, cycle=pool.cycle + 1)
    version = pool.version if pool.next_version is None else pool.next_version
    begun = tx.put(cycles.begin(tx, paid, terms_of(tx, pool, version), version))
    tx.emit(Event(topic="jp.triggered", payload=_told(trigger), player_id=winner.player_id))
    tell.pool(tx, begun)
    set_out(tx, payout)
    if terms.callback is not None and terms.trigger.by != "call":
        _call_back(tx, trigger, terms.callback)
    if terms.tells_studio:
        _tell_studio(tx, trigger, winner.bet_id)
    return trigger


def set_out(tx: Tx, payout: PayoutRow) -> None:
    """Have the payout driven, off the answer's path; once for each attempt."""
    ask = PayOut(jp_payout_id=payout.jp_payout_id, attempt=payout.attempt)
    tx.ask(post(tx.caller, "jackpot", "/v1/jp/payouts", ask.natural_key, ask))


def post(caller: Caller, to: str, target: str, key: str, body: object) -> Call:
    """A write to another party, or to ourselves, for the brand of this caller."""
    return Call(
        to=to,
        method="POST",
        target=target,
        headers={
            "X-Trace-Id": caller.trace_id,
            "X-Brand-Id": caller.brand,
            "X-Region": caller.region,
            "X-Provider-Id": PROVIDER,
            "Content-Type": "application/json",
            "X-Idempotency-Key": key,
        },
        body=json.encode(body),
    )


def stake_counts(terms: Terms, stake: int) -> bool:
    """True for a stake that may win the pool."""
    least, most = terms.min_stake, terms.max_stake
    return (least is None or stake >= terms.minor(least)) and (
        most is None or stake <= terms.minor(most)
    )


def paused(pool: PoolRow) -> InvalidState:
    """The refusal of a pool that neither grows nor pays for now (WAL-95)."""
    return InvalidState(
        f"pool {pool.pool_id} is paused", details={"reason": "paused", "pool_id": pool.pool_id}
    )


def _tell_studio(tx: Tx, row: TriggerRow, spin_id: str) -> None:
    """The studio writes it down as a transaction beside the spin's own win (RGS-42)."""
    key = f"{row.jp_trigger_id}-win"
    body = {
        "jp_trigger_id": row.jp_trigger_id,
        "pool_id": row.pool_id,
        "spin_id": spin_id,
        "amount": Money.of(row.amount, row.currency),
        "idempotency_key": key,
    }
    tx.ask(post(tx.caller, "rgs", "/rgs/v1/jackpot-wins", key, body))


def _call_back(tx: Tx, row: TriggerRow, target: str) -> None:
    """The platform is told what the service's own roulette has let fall, with the body of a
    trigger, until it has heard it (JP-12)."""
    body = {
        "jp_trigger_id": row.jp_trigger_id,
        "pool_id": row.pool_id,
        "reason": row.reason,
        "selection": {"player_id": row.player_id, "round_id": row.round_id},
    }
    tx.ask(post(tx.caller, "play", target, row.jp_trigger_id, body))


def _told(row: TriggerRow) -> tell.PoolTriggered:
    return tell.PoolTriggered(
        jp_trigger_id=row.jp_trigger_id,
        jp_payout_id=row.jp_payout_id,
        pool_id=row.pool_id,
        round_id=row.round_id,
        reason=row.reason,
        level=row.level,
        hit=row.hit,
        amount=Money.of(row.amount, row.currency),
    )
