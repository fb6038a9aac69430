"""A win of nothing."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    debit = wallet.names.new("t")
    done = await wallet.credit(player, 500, round_id=wallet.names.new("r"), debit=debit)
    if wallet.profile.win_without_bet == "refused":
        wallet.refused(done, what="a win on a debit that there is not")
        await wallet.moved(player, before, 0)
    else:
        wallet.accepted(done, "a win without a debit, which is a promo here")
        await wallet.moved(player, before, 500)


CHECK = Check(
    id="wallet.credit.without-debit",
    rules=("WAL-24",),
    category=Category.ROLLBACK,
    about="A win that names a debit nobody knows is refused, or a promo, as the profile says.",
    drive=_drive,
)
