"""A win is sent twice."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    win = wallet.names.new("t")
    first = wallet.given(await wallet.credit(player, 500, round_id=round_id, debit=bet, txn=win))
    wallet.repeated(first, await wallet.again(first))
    await wallet.moved(player, before, 500)
    later = await wallet.credit(player, 500, round_id=round_id, debit=bet, txn=win)
    await wallet.moved(player, before, 500)
    wallet.repeated(first, later)


CHECK = Check(
    id="wallet.credit.repeat",
    rules=("WAL-21",),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A repeated win is credited once, under its key and under a new one.",
    drive=_drive,
)
