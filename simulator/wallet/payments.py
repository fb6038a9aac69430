"""Payments: money that comes in from outside and goes out again, once for each `payment_id`.

(PRV-05) What is paid in and out is cash; a bonus is never withdrawn.
"""

from simulator.base.errors import (
    CurrencyMismatch,
    Duplicate,
    InsufficientFunds,
    LimitExceeded,
    RgBlock,
)
from simulator.ledger import book
from simulator.ledger.rows import Account
from simulator.store.tx import Again, Tx
from simulator.wallet import funds, limits, rg
from simulator.wallet.access import cash, funding, player_of
from simulator.wallet.rows import Payment, Player
from simulator.wire.funds import Deposit, PaymentKind, PaymentMade, Withdraw
from simulator.wire.messages import Money


def deposit(tx: Tx, ask: Deposit) -> PaymentMade | Again | LimitExceeded:
    """Money in. Nobody who may not play can put money in (WAL-13)."""
    player, known = find(tx, "deposit", ask.payment_id, ask.player_id, ask.amount)
    if known is not None:
        return Again(known.op)
    limits.require_may_play(tx, player)
    hit = rg.judge_payment(tx, player, "deposit", ask.amount.minor)
    if hit is not None:
        return hit
    payer = funding(tx, player.currency)
    funds.credit(tx, player.player_id, player.currency, ask.amount.minor, payer)
    rg.paid(tx, player, "deposit", ask.amount.minor)
    return _made(tx, player, record(tx, "deposit", ask.payment_id, player, ask.amount))


def withdraw(tx: Tx, ask: Withdraw) -> PaymentMade | Again | LimitExceeded:
    """Money out, of cash only. Who may not play can still be paid out, unless they are disabled."""
    player, known = find(tx, "withdrawal", ask.payment_id, ask.player_id, ask.amount)
    if known is not None:
        return Again(known.op)
    if player.status == "disabled":
        raise RgBlock("the player is disabled", details={"reason": "disabled"})
    wallet = cash(tx, player.player_id, player.currency)
    _require_cash(tx, player, tx.get(Account, wallet), ask.amount)
    hit = rg.judge_payment(tx, player, "withdrawal", ask.amount.minor)
    if hit is not None:
        return hit
    book.post(tx, wallet, funding(tx, player.currency), ask.amount.minor)
    rg.paid(tx, player, "withdrawal", ask.amount.minor)
    return _made(tx, player, record(tx, "withdrawal", ask.payment_id, player, ask.amount))


def find(
    tx: Tx, kind: PaymentKind, payment_id: str, player_id: str, amount: Money
) -> tuple[Player, Payment | None]:
    """The player, and the payment if it was made before.

    Raises NotFound, CurrencyMismatch, and Duplicate for an id of another payment.
    """
    tx.lock(Player, (tx.caller.tenant, player_id))
    player = player_of(tx, player_id)
    if amount.currency != player.currency:
        raise CurrencyMismatch(f"the player's wallet is in {player.currency}")
    known = tx.get(Payment, (player.tenant, payment_id))
    if known is not None and (known.kind, known.player_id, known.amount) != (
        kind,
        player_id,
        amount.minor,
    ):
        raise Duplicate(
            f"payment {payment_id} was another amount, player or kind",
            details={"payment_id": payment_id},
        )
    return player, known


def record(tx: Tx, kind: PaymentKind, payment_id: str, player: Player, amount: Money) -> Payment:
    """Keep that a payment was made."""
    return tx.put(
        Payment(
            tenant=player.tenant,
            payment_id=payment_id,
            player_id=player.player_id,
            kind=kind,
            currency=player.currency,
            amount=amount.minor,
            op=tx.position,
        )
    )


def _made(tx: Tx, player: Player, payment: Payment) -> PaymentMade:
    return PaymentMade(
        payment_id=payment.payment_id,
        status="completed",
        balance=funds.balance(tx, player.player_id, player.currency),
    )


def _require_cash(tx: Tx, player: Player, wallet: Account | None, amount: Money) -> None:
    has = Money.of(wallet.available if wallet else 0, amount.currency)
    if amount.minor > has.minor:
        raise InsufficientFunds(
            f"{amount.amount} {amount.currency} is more than the {has.amount} of cash",
            details={"balance": funds.balance(tx, player.player_id, player.currency)},
        )
