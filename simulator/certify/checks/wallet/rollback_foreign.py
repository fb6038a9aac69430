"""Somebody else’s debit."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, other = await wallet.player(), await wallet.other_player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    before, theirs = await wallet.funds(player), await wallet.funds(other)
    done = await wallet.rollback(other, bet, round_id=round_id)
    if wallet.profile.transaction_scope == "tenant":
        wallet.refused(done, what="the rollback of another player’s debit")
    else:
        wallet.require(done.status < 500, f"it is answered for good, and {done}")
    await wallet.moved(player, before, 0)
    await wallet.moved(other, theirs, 0)


CHECK = Check(
    id="wallet.rollback.foreign",
    rules=("WAL-49",),
    category=Category.ROLLBACK,
    about="A rollback in the name of another player gives nobody anything.",
    drive=_drive,
)
