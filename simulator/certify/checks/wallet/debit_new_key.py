"""The id counts, not the key."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    txn, round_id = wallet.names.new("t"), wallet.names.new("r")
    first = wallet.given(await wallet.debit(player, 200, txn=txn, round_id=round_id))
    later = await wallet.debit(player, 200, txn=txn, round_id=round_id)
    await wallet.moved(player, before, -200)
    wallet.repeated(first, later)


CHECK = Check(
    id="wallet.debit.new-key",
    rules=("WAL-08",),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A known transaction under a new key is still one effect.",
    drive=_drive,
)
