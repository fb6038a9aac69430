"""Holds that nobody has ended for long are listed, and never silently released (WAL-18).

A settle, a debit or a rollback of it still lands; or, by profile, each is rolled back by an
operation of the owner's when the clock has passed, and what comes afterwards finds it ended.
"""

from collections.abc import Sequence
from typing import Literal

from simulator.base.clock import NS_PER_S, iso
from simulator.base.errors import NotFound
from simulator.store.listing import page
from simulator.store.tx import Again, Query, Reads, Tx
from simulator.wallet import bets, rollbacks, transactions
from simulator.wallet.profile import Profile
from simulator.wallet.rows import Bet, Txn
from simulator.wire import messages as m
from simulator.wire import wallet as w
from simulator.wire.messages import Money

KINDS: tuple[Literal["bet", "reserve"], ...] = ("bet", "reserve")

_OPEN_RESERVES = (("kind", "=", "reserve"), ("status", "=", "ok"))

OVERDUE_S = 3_600
"""As long as a session lives: a bet of a session that is over by now."""


class ListOverdue(m.Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List overdue bets or reserves, the oldest first."""

    kind: Literal["bet", "reserve"] = "bet"
    older_than_s: int = OVERDUE_S


class OverdueHold(m.Message, frozen=True, kw_only=True, omit_defaults=True):
    """A bet or reserve whose stake is still held."""

    kind: Literal["bet", "reserve"]
    id: str
    tenant_id: str
    brand_id: str
    player_id: str
    round_id: str
    amount: Money
    held_since: str
    age_s: int


class RollBackOverdue(m.Message, frozen=True, kw_only=True, omit_defaults=True):
    """Roll back one overdue hold."""

    kind: Literal["bet", "reserve"]
    id: str
    player_id: str
    round_id: str

    @classmethod
    def of(cls, hold: OverdueHold) -> "RollBackOverdue":
        """What rolls back a hold of the list."""
        return cls(kind=hold.kind, id=hold.id, player_id=hold.player_id, round_id=hold.round_id)


def roll_back_overdue(
    tx: Tx, ask: RollBackOverdue, *, profile: Profile
) -> m.BetRolledBack | w.Answer | Again:
    """Give a hold's stake back, as its provider's own rollback would (WAL-18, WAL-40).

    A reserve is rolled back by a transaction of its own. Raises NotFound for a hold that has
    ended meanwhile; nothing has moved then.
    """
    if ask.kind == "bet":
        bet = tx.get(Bet, (tx.caller.tenant, ask.id))
        if bet is None or bet.status != "authorized":
            raise _ended(ask)
        return bets.rollback_bet(tx, m.RollbackBet(bet_id=ask.id, round_id=ask.round_id))
    undo = w.Rollback(
        transaction_id=tx.mint("overdue"),
        original_transaction_id=ask.id,
        player_id=ask.player_id,
        round_id=ask.round_id,
    )
    reserve = transactions.find(tx, profile, ask.id, undo)
    if reserve is None or reserve.status != "ok":
        raise _ended(ask)
    return rollbacks.rollback(tx, undo, profile=profile)


def list_overdue(tx: Reads, ask: ListOverdue) -> m.Page:
    """Every open hold of the sandbox that is older, whatever the brand."""
    before_ns = tx.now_ns - ask.older_than_s * NS_PER_S + 1  # that age counts as overdue
    newest_first = ask.order == "desc"
    if ask.kind == "bet":
        where = (("status", "=", "authorized"), ("opened_ns", "<", before_ns))
        return page(tx, Query(Bet, where, newest_first), ask, lambda row: _bet(tx, row))
    reserves = (*_OPEN_RESERVES, ("at_ns", "<", before_ns))
    return page(tx, Query(Txn, reserves, newest_first), ask, lambda row: _reserve(tx, row))


def next_overdue(tx: Reads, *, kind: Literal["bet", "reserve"]) -> int | None:
    """When the oldest open hold is overdue, or was; None where nothing is held."""
    where = (("status", "=", "authorized"),) if kind == "bet" else _OPEN_RESERVES
    for row in tx.page(Query(Bet if kind == "bet" else Txn, where), None, 1):
        since_ns = row.opened_ns if isinstance(row, Bet) else row.at_ns  # type: ignore[attr-defined]
        return int(since_ns) + OVERDUE_S * NS_PER_S
    return None


def find_overdue(
    tx: Reads, *, kind: Literal["bet", "reserve"]
) -> Sequence[tuple[str, str, RollBackOverdue]]:
    """Brand, id and command of the overdue holds, the oldest first, a page of them."""
    found: list[OverdueHold] = list_overdue(tx, ListOverdue(kind=kind, limit=200)).items
    return [(hold.brand_id, hold.id, RollBackOverdue.of(hold)) for hold in found]


def _ended(ask: RollBackOverdue) -> NotFound:
    return NotFound(f"{ask.kind} {ask.id} holds nothing any more", details={"id": ask.id})


def _bet(tx: Reads, row: Bet) -> OverdueHold:
    return OverdueHold(
        kind="bet",
        id=row.bet_id,
        tenant_id=row.tenant,
        brand_id=row.brand,
        player_id=row.player_id or "",
        round_id=row.round_id,
        amount=Money.of(row.amount or 0, row.currency or ""),
        held_since=iso(row.opened_ns),
        age_s=(tx.now_ns - row.opened_ns) // NS_PER_S,
    )


def _reserve(tx: Reads, row: Txn) -> OverdueHold:
    return OverdueHold(
        kind="reserve",
        id=row.transaction_id,
        tenant_id=row.tenant,
        brand_id=row.brand,
        player_id=row.player_id,
        round_id=row.round_id or "",
        amount=Money.of(row.amount or 0, row.currency),
        held_since=iso(row.at_ns),
        age_s=(tx.now_ns - row.at_ns) // NS_PER_S,
    )
