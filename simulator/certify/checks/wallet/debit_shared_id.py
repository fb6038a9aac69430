"""Among whom an id is one."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, other = await wallet.player(), await wallet.other_player()
    txn = wallet.names.new("t")
    wallet.given(await wallet.debit(player, 20, txn=txn))
    before = await wallet.funds(other)
    done = await wallet.debit(other, 20, txn=txn)
    if wallet.profile.transaction_scope == "tenant":
        wallet.refused(done, what="the transaction id of another player")
        await wallet.moved(other, before, 0)
    else:
        wallet.accepted(done, "a transaction id that another player has used too")
        await wallet.moved(other, before, -20)


CHECK = Check(
    id="wallet.debit.shared-id",
    rules=("WAL-09",),
    category=Category.IDEMPOTENCY,
    about="Two players share a transaction id: both are served where ids are one per player.",
    drive=_drive,
)
