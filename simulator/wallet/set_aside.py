"""Payouts of jackpots that are set aside before they are paid, where a jackpot asks for it (JP-13).

    reserve ──▶ held ──the credit──▶ paid
                 └──release──▶ released, and never paid afterwards

The operator's own money is held in the book, out of what the provider owes it and for the winner;
nothing of the player's is touched. The credit lets the hold go and pays in one transaction, so the
amount is held or paid and never both. (WAL-97; part of `openapi/wallet.yaml`)
"""

from simulator.base.errors import CurrencyMismatch, Duplicate, Final, InvalidState, ScopeDenied
from simulator.ledger import book
from simulator.ledger.book import Entry
from simulator.store.owned import mine
from simulator.store.tx import Tx
from simulator.wallet import debits, funds, rollbacks, transactions
from simulator.wallet.access import cash, owed, player_of
from simulator.wallet.profile import Profile
from simulator.wallet.rows import Player, SetAside
from simulator.wire import wallet as w


def reserve_funds(tx: Tx, ask: w.ReserveBody, *, profile: Profile) -> w.Answer | Final:
    """A reserve, in the words of a game or of a jackpot."""
    if ask.jp_payout_id is None:
        return debits.reserve(tx, ask.reserve, profile=profile)
    return _hold(tx, ask, ask.jp_payout_id, profile)


def release_funds(tx: Tx, ask: w.ReleaseBody, *, profile: Profile) -> w.Answer:
    """A release, in the words of a game or of a jackpot."""
    if ask.jp_payout_id is None:
        return rollbacks.release(tx, ask.release, profile=profile)
    return _let_go(tx, ask, ask.jp_payout_id)


def require_tenant(tx: Tx, ask: w.PayoutBody) -> None:
    """Raises ScopeDenied for a payout of another tenant than the caller's (PRV-63)."""
    if ask.tenant_id != tx.caller.tenant:
        raise ScopeDenied(
            f"tenant {ask.tenant_id} is not yours", details={"tenant_id": ask.tenant_id}
        )


def spend(tx: Tx, ask: w.CreditBody, payout_id: str) -> None:
    """The payout is paid now: what was set aside for it, if anything, is let go for that.

    Raises Duplicate where something else was set aside for it, InvalidState where it was released.
    Nothing is written before the last of these is known.
    """
    kept = _of(tx, payout_id)
    if kept is None:
        return
    _require_same(kept, ask)
    if kept.status == "released":
        raise _released(kept)
    _end(tx, kept, "paid")


def _hold(tx: Tx, ask: w.ReserveBody, payout_id: str, profile: Profile) -> w.Answer:
    """Set a payout aside, once. Raises ScopeDenied, CurrencyMismatch, Duplicate for one of other
    parameters, InvalidState for one that was released, or paid without having been set aside."""
    require_tenant(tx, ask)
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    kept = _of(tx, payout_id)
    if kept is not None:
        _require_same(kept, ask)
        if kept.status == "released":
            raise _released(kept)
        return _answer(tx, payout_id, player)
    if transactions.find(tx, profile, payout_id, ask) is not None:
        raise _spent(payout_id)
    if ask.amount.currency != player.currency:
        raise CurrencyMismatch(f"the player's wallet is in {player.currency}")
    if player.payout_block != "none":
        return _answer(tx, payout_id, player, stopped=player.payout_block)
    winner = cash(tx, player.player_id, player.currency)
    held = book.hold(tx, owed(tx, player.currency), winner, ask.amount.minor)
    _write(tx, ask, payout_id, ask.amount.minor, player, held.move)
    return _answer(tx, payout_id, player)


def _let_go(tx: Tx, ask: w.ReleaseBody, payout_id: str) -> w.Answer:
    """End what is set aside, once; one that comes before its reserve keeps that out (WAL-41,
    WAL-42). Raises InvalidState for one of another player, and for one that is paid."""
    require_tenant(tx, ask)
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    kept = _of(tx, payout_id)
    if kept is None:
        kept = _write(tx, ask, payout_id, 0, player, None)
        return _answer(tx, payout_id, player, tombstone=True)
    if kept.player_id != ask.player_id:
        raise InvalidState(
            f"payout {payout_id} is not of player {ask.player_id}",
            details={"reason": "player_mismatch", "transaction_id": payout_id},
        )
    if kept.status == "paid":
        raise _spent(payout_id)
    if kept.status == "held":
        _end(tx, kept, "released")
    return _answer(tx, payout_id, player, tombstone=kept.move is None)


# ------------------------------------------------------------------------------------------------


def _of(tx: Tx, payout_id: str) -> SetAside | None:
    return mine(tx, tx.get(SetAside, (tx.caller.tenant, payout_id)))


def _require_same(kept: SetAside, ask: w.ReserveBody | w.CreditBody) -> None:
    """Raises Duplicate for other parameters than those that are set aside (WAL-07)."""
    said = (ask.player_id, ask.pool_id, ask.amount.minor, ask.amount.currency)
    known = (kept.player_id, kept.pool_id, kept.amount, kept.currency)
    if kept.move is not None and said != known:
        raise Duplicate(
            f"payout {kept.jp_payout_id} is set aside with other parameters",
            details={
                "transaction_id": kept.jp_payout_id,
                "first_transaction_id": kept.jp_payout_id,
            },
        )


def _spent(payout_id: str) -> InvalidState:
    return InvalidState(
        f"payout {payout_id} was paid", details={"reason": "spent", "transaction_id": payout_id}
    )


def _released(kept: SetAside) -> InvalidState:
    return InvalidState(
        f"payout {kept.jp_payout_id} was released, so it is never paid",
        details={
            "reason": "tombstone" if kept.move is None else "released",
            "transaction_id": kept.jp_payout_id,
        },
    )


def _write(
    tx: Tx, ask: w.PayoutBody, payout_id: str, amount: int, player: Player, move: int | None
) -> SetAside:
    caller = tx.caller
    return tx.put(
        SetAside(
            tenant=caller.tenant,
            jp_payout_id=payout_id,
            brand=caller.brand,
            region=caller.region,
            provider=caller.provider,
            player_id=player.player_id,
            pool_id=ask.pool_id or "",
            currency=player.currency,
            amount=amount,
            op=tx.position,
            move=move,
            status="released" if move is None else "held",
            closed_op=tx.position if move is None else None,
        )
    )


def _end(tx: Tx, kept: SetAside, status: w.SetAsideStatus) -> None:
    """Give back what is held; who has asked for it may be known by another name by now."""
    if kept.move is not None and kept.status == "held":
        payer = owed(tx, kept.currency)._replace(owner=f"{kept.brand}/{kept.provider}")
        winner = cash(tx, kept.player_id, kept.currency)
        book.release(tx, Entry(kept.move, payer, winner, kept.amount))
        tx.put(kept.but(status=status, closed_op=tx.position))


def _answer(
    tx: Tx,
    payout_id: str,
    player: Player,
    *,
    stopped: w.PayoutRefusal | None = None,
    tombstone: bool = False,
) -> w.Answer:
    """With the balance as it is now: none of it has moved."""
    return w.Answer(
        transaction_id=payout_id,
        status="ok" if stopped is None else "failed",
        reason=stopped,
        balance=funds.balance(tx, player.player_id, player.currency),
        tombstone=tombstone,
    )
