"""Set aside and spent."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, txn = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.send(wallet.reserve_ask(player, 300, round_id=round_id, txn=txn)))
    done = await wallet.debit(player, 300, round_id=round_id, reserve_transaction_id=txn)
    wallet.accepted(done, "a debit of what was reserved")
    await wallet.moved(player, before, -300)
    later = await wallet.debit(player, 300, round_id=round_id, reserve_transaction_id=txn)
    wallet.refused(later, what="a second debit of the same reserve")
    ask = wallet.release_ask(player, txn, round_id=round_id, txn=wallet.names.new("t"))
    wallet.refused(await wallet.send(ask), what="the release of a reserve that was spent")
    await wallet.moved(player, before, -300)


CHECK = Check(
    id="wallet.reserve.spent",
    rules=("WAL-01",),
    category=Category.HAPPY_PATH,
    about="A debit spends its reserve once; what was spent cannot be released.",
    drive=_drive,
)
