"""A gift of the house."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    how = {"round_id": wallet.names.new("r"), "txn": wallet.names.new("t"), "reason": "promo"}
    first = wallet.accepted(await wallet.credit(player, 500, **how), "a promo credit")
    await wallet.moved(player, before, 500)
    wallet.repeated(first, await wallet.again(first))
    later = await wallet.credit(player, 500, **how)
    await wallet.moved(player, before, 500)
    wallet.repeated(first, later)
    altered = await wallet.credit(player, 900, **how)
    wallet.refused(altered, what="a known promo credit with another amount")
    await wallet.moved(player, before, 500)


CHECK = Check(
    id="wallet.credit.promo",
    rules=("WAL-24", "WAL-07", "WAL-08"),
    category=Category.HAPPY_PATH,
    about="A promo credit needs no debit, whatever the profile, and is paid once under any key.",
    drive=_drive,
)
