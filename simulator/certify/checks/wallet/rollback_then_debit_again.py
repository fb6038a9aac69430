"""A late copy after the rollback."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    first = wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    wallet.given(await wallet.rollback(player, bet, round_id=round_id))
    again = await wallet.again(first)
    wallet.require(not again.lost and again.status < 500, f"it is answered for good, and {again}")
    await wallet.moved(player, before, 0)
    later = await wallet.debit(player, 200, round_id=round_id, txn=bet)
    wallet.require(not later.lost and later.status < 500, f"it is answered for good, and {later}")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.then-debit-again",
    rules=(
        "WAL-42",
        "WAL-06",
    ),
    category=Category.ROLLBACK,
    about="After its rollback a repeated debit takes nothing again.",
    drive=_drive,
)
