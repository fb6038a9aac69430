"""What debits, credits and rollbacks share: one id is one transaction, and a repeat has no effect.

(WAL-06..09, WAL-21, WAL-41, WAL-74; `simulator/wallet/debits.py`, `credits.py`, `rollbacks.py`)
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from simulator.base.clock import iso, iso_or_none
from simulator.base.errors import Duplicate, InvalidState
from simulator.ledger.book import AccountKey, Entry
from simulator.store.listing import asked, own, page, window
from simulator.store.owned import require_mine
from simulator.store.tx import Query, Reads, Tx
from simulator.wallet import funds
from simulator.wallet.access import bonus, cash, player_of
from simulator.wallet.funds import Stake
from simulator.wallet.profile import Profile
from simulator.wallet.rows import Player, Txn
from simulator.wire import messages as m
from simulator.wire import wallet as w
from simulator.wire.events import Event, WalletMoved, WalletRefused
from simulator.wire.messages import Money


class Asks(Protocol):
    """A request about a player's round."""

    @property
    def player_id(self) -> str: ...
    @property
    def round_id(self) -> str: ...


_SCOPES: dict[str, Callable[[str | None, str | None], str | None]] = {
    "tenant": lambda _player_id, _round_id: "",
    "player": lambda player_id, _round_id: player_id,
    "round": lambda _player_id, round_id: round_id,
}
"""Among whose transactions an id is one (WAL-09); None where that was not said."""


def read_balance(tx: Reads, ask: w.ReadBalance) -> w.PlayerBalance:
    """What a player has."""
    player = player_of(tx, ask.player_id)
    balance = funds.balance(tx, player.player_id, player.currency)
    return w.PlayerBalance(player_id=player.player_id, balance=balance)


def read_transaction(tx: Reads, ask: w.ReadTransaction, *, profile: Profile) -> w.Transaction:
    """One transaction and what became of it (WAL-72)."""
    scope = _SCOPES[profile.transaction_scope](ask.player_id, ask.round_id)
    if scope is None:
        name = f"{profile.transaction_scope}_id"
        raise m.invalid(name, "is missing: it says whose transaction of this id is meant")
    txn = tx.get(Txn, (tx.caller.tenant, scope, ask.transaction_id))
    return view(require_mine(tx, txn, "transaction", ask.transaction_id))


def list_transactions(tx: Reads, ask: w.ListTransactions) -> m.Page:
    """The caller's transactions in the order they came, filtered (PRV-60, PRV-61)."""
    terms = own(tx, ask.tenant_id) + asked(
        ask, "kind", "status", "player_id", "round_id", "game_id"
    )
    terms += window("at_ns", ask.occurred_at_from, ask.occurred_at_to)
    return page(tx, Query(Txn, tuple(terms), ask.order == "desc"), ask, view)


def view(txn: Txn) -> w.Transaction:
    """A transaction as providers see it."""
    named = {_ORIGINALS[txn.kind]: txn.original} if txn.kind in _ORIGINALS else {}
    return w.Transaction(
        transaction_id=txn.transaction_id,
        kind=txn.kind,
        status=txn.status,
        player_id=txn.player_id,
        session_id=txn.session_id,
        round_id=txn.round_id,
        game_id=txn.game_id,
        amount=None if txn.amount is None else Money.of(txn.amount, txn.currency),
        bonus_amount=Money.of(txn.bonus_amount, txn.currency) if txn.bonus_amount else None,
        reason=txn.reason,
        pool_id=txn.pool_id,
        created_at=iso(txn.at_ns),
        ended_at=iso_or_none(txn.closed_ns),
        **named,
    )


_ORIGINALS = {
    "debit": "reserve_transaction_id",
    "credit": "debit_transaction_id",
    "rollback": "original_transaction_id",
    "release": "original_transaction_id",
}
"""What the transaction that this one refers to is called."""


# Finding and repeating ----------------------------------------------------------------------------


def find(tx: Reads, profile: Profile, transaction_id: str, ask: Asks) -> Txn | None:
    """The transaction of this id, among those of the asker's tenant, player or round."""
    return tx.get(Txn, (tx.caller.tenant, _scope(profile, ask), transaction_id))


def known(tx: Reads, txn: Txn) -> Txn | None:
    """The transaction that has come under the same id before."""
    return tx.get(Txn, (txn.tenant, txn.scope, txn.transaction_id))


def require_of(txn: Txn, ask: Asks) -> None:
    """Raises InvalidState for a transaction of another player or round (WAL-49)."""
    for field in ("player", "round"):
        wanted = getattr(ask, f"{field}_id")
        if getattr(txn, f"{field}_id") != wanted:
            raise InvalidState(
                f"transaction {txn.transaction_id} is not of {field} {wanted}",
                details={"reason": f"{field}_mismatch", "transaction_id": txn.transaction_id},
            )


def wrong_kind(txn: Txn, what: str) -> InvalidState:
    """The refusal of what cannot be done to a transaction of this kind."""
    return InvalidState(
        f"transaction {txn.transaction_id} is a {txn.kind}, {what}",
        details={"reason": "wrong_kind", "transaction_id": txn.transaction_id},
    )


def repeat(tx: Reads, known: Txn, profile: Profile, *, again: Txn) -> w.Answer:
    """The answer to a transaction that has happened before; `again` is what it would be now.

    The same one has no second effect (WAL-08). With another amount, player, round or currency it is
    refused (WAL-07); so is one whose effect is gone, for its answer would promise what is not
    there.
    """
    if known.kind == "tombstone":
        raise InvalidState(
            f"transaction {known.transaction_id} was rolled back before it arrived, so it can "
            "never happen",
            details={"reason": "tombstone", "transaction_id": known.transaction_id},
        )
    for field, what in _SAME.items():
        if getattr(known, field) != getattr(again, field):
            raise Duplicate(
                f"transaction {known.transaction_id} is known with another {what}",
                details={
                    "transaction_id": known.transaction_id,
                    "first_transaction_id": known.transaction_id,
                },
            )
    if known.status in ("rolled_back", "released"):
        raise undone(known)
    return _REPEATS[profile.duplicate_answer](tx, known)


def _scope(profile: Profile, ask: Asks) -> str:
    return _SCOPES[profile.transaction_scope](ask.player_id, ask.round_id) or ""


_SAME = {
    "kind": "kind",
    "player_id": "player",
    "round_id": "round",
    "amount": "amount",
    "currency": "currency",
    "original": "original transaction",
    "pool_id": "pool",
}
"""What makes two transactions the same, and what it is called."""


def _same_body(_tx: Reads, known: Txn) -> w.Answer:
    return answer(known)


def _current_balance(tx: Reads, known: Txn) -> w.Answer:
    balance = funds.balance(tx, known.player_id, known.currency)
    return msgspec.structs.replace(answer(known), balance=balance)


def _duplicate_code(_tx: Reads, known: Txn) -> w.Answer:
    first = known.transaction_id
    raise Duplicate(
        f"transaction {first} has happened already",
        details={"transaction_id": first, "first_transaction_id": first},
    )


_REPEATS: dict[str, Callable[[Reads, Txn], w.Answer]] = {
    "same_body": _same_body,
    "current_balance": _current_balance,
    "duplicate_code": _duplicate_code,
}


def undone(txn: Txn) -> InvalidState:
    """The refusal of what builds on a transaction whose effect is gone."""
    return InvalidState(
        f"transaction {txn.transaction_id} was {txn.status.replace('_', ' ')}",
        details={"reason": txn.status, "transaction_id": txn.transaction_id},
    )


# Writing ------------------------------------------------------------------------------------------


def new(tx: Tx, kind: w.TxnKind, ask: Asks, transaction_id: str, profile: Profile) -> Txn:
    """A transaction that is not written yet."""
    caller = tx.caller
    return Txn(
        tenant=caller.tenant,
        scope=_scope(profile, ask),
        transaction_id=transaction_id,
        brand=caller.brand,
        region=caller.region,
        kind=kind,
        player_id=ask.player_id,
        round_id=ask.round_id or None,
        currency="",
        op=tx.position,
        at_ns=tx.now_ns,
    )


def keep(tx: Tx, txn: Txn, player: Player) -> w.Answer:
    """Write a transaction with the balance after it, and answer it."""
    after = funds.sums(tx, player.player_id, player.currency)
    return answer(
        tx.put(
            txn.but(
                cash_after=after.cash_minor,
                bonus_after=after.bonus_minor,
                held_after=after.held_minor,
            )
        )
    )


def answer(txn: Txn) -> w.Answer:
    """What a transaction was answered when it happened."""

    after = funds.Sums(txn.cash_after, txn.bonus_after, txn.held_after)
    return w.Answer(
        transaction_id=txn.transaction_id,
        status="ok",
        tombstone=txn.kind in ("rollback", "release") and txn.amount is None,
        balance=after.told(txn.currency),
    )


def end(tx: Tx, txn: Txn, status: w.TxnStatus) -> None:
    """A transaction's state after something else has come to it."""
    tx.put(txn.but(status=status, closed_op=tx.position, closed_ns=tx.now_ns))


def moved(txn: Txn, stake: Stake) -> Txn:
    """The transaction with the entries that it has made."""
    return txn.but(
        bonus_amount=stake.bonus_minor,
        cash_move=stake.cash.move,
        bonus_move=stake.bonus.move if stake.bonus else None,
    )


def stake_of(tx: Reads, txn: Txn, other: AccountKey) -> Stake:
    """The entries of a transaction, between its player and the other side."""
    if txn.amount is None or txn.cash_move is None:
        raise RuntimeError(f"transaction {txn.transaction_id} is a {txn.kind} without an amount")

    def entry(move: int, bucket: AccountKey, amount_minor: int) -> Entry:
        payer, payee = (other, bucket) if txn.kind == "credit" else (bucket, other)
        return Entry(move, payer, payee, amount_minor)

    wallet, bucket = (name(tx, txn.player_id, txn.currency) for name in (cash, bonus))
    of_cash = entry(txn.cash_move, wallet, txn.amount - txn.bonus_amount)
    if txn.bonus_move is None:
        return Stake(of_cash)
    return Stake(of_cash, entry(txn.bonus_move, bucket, txn.bonus_amount))


def each(tx: Tx, stake: Stake, do: Callable[[Tx, Entry], Entry]) -> Stake:
    """Capture, release or reverse the entries of a stake; what has come of them."""
    return Stake(do(tx, stake.cash), do(tx, stake.bonus) if stake.bonus else None)


def tell(tx: Tx, topic: str, txn: Txn) -> None:
    """Emit what has happened to a player's money (PRV-40)."""
    payload = WalletMoved(
        transaction_id=txn.transaction_id,
        round_id=txn.round_id,
        game_id=txn.game_id,
        amount=Money.of(txn.amount or 0, txn.currency),
        reason=txn.reason,
    )
    event = Event(topic=topic, payload=payload, player_id=txn.player_id, session_id=txn.session_id)
    tx.emit(event)


def tell_refused(tx: Tx, topic: str, txn: Txn, code: str) -> None:
    """Emit what has not happened, and why (PRV-40).

    A refusal that is raised takes back its events, so who tells of one returns it instead.
    """
    payload = WalletRefused(
        transaction_id=txn.transaction_id,
        round_id=txn.round_id,
        game_id=txn.game_id,
        amount=Money.of(txn.amount or 0, txn.currency),
        code=code,
    )
    event = Event(topic=topic, payload=payload, player_id=txn.player_id, session_id=txn.session_id)
    tx.emit(event)
