"""A round that is over."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    wallet.given(await wallet.rollback(player, bet, round_id=round_id))
    wallet.given(await wallet.close(round_id, "cancelled"))
    before = await wallet.funds(player)
    done = await wallet.debit(player, 100, round_id=round_id)
    wallet.refused(done, what="a stake on a cancelled round")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.finished-round",
    rules=(
        "WAL-16",
        "WAL-60",
    ),
    category=Category.LIMITS,
    about="A stake on a round that was cancelled is refused.",
    drive=_drive,
)
