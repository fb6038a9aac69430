"""Who may not play."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = wallet.configured("excluded")
    before = await wallet.funds(player)
    done = await wallet.debit(player, 100)
    wallet.refused(done, what="a stake of a self-excluded player")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.excluded",
    rules=("WAL-13",),
    category=Category.LIMITS,
    needs=(Need.EXCLUDED,),
    about="A self-excluded player cannot stake.",
    clauses=("2.5.5",),
    drive=_drive,
)
