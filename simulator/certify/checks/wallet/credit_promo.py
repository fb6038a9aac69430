"""A gift of the house."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    done = await wallet.credit(player, 500, round_id=wallet.names.new("r"), reason="promo")
    wallet.accepted(done, "a promo credit")
    await wallet.moved(player, before, 500)


CHECK = Check(
    id="wallet.credit.promo",
    rules=("WAL-24",),
    category=Category.HAPPY_PATH,
    about="A promo credit needs no debit, whatever the profile.",
    drive=_drive,
)
