"""An id is bound to its amount."""

from dataclasses import replace

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, txn, before = await wallet.begun(200)
    done = await wallet.debit(player, 300, txn=txn, round_id=round_id)
    wallet.refused(done, what="a known transaction with another amount")
    other = replace(player, currency="USD" if player.currency != "USD" else "EUR")
    done = await wallet.debit(other, 200, txn=txn, round_id=round_id)
    wallet.refused(done, what="a known transaction in another currency")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.altered-id",
    rules=(
        "WAL-07",
        "PRV-32",
    ),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A known transaction under a new key, with another amount or currency, is refused.",
    drive=_drive,
)
