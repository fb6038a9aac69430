"""A free round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    wallet.accepted(await wallet.debit(player, 0), "a zero stake")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.zero",
    rules=("WAL-05",),
    category=Category.HAPPY_PATH,
    about="A zero stake is accepted and moves nothing.",
    drive=_drive,
)
