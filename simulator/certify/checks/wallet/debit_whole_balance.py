"""All of it, and one minor unit more."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(5_000)
    before = await wallet.funds(player)
    more = await wallet.debit(player, before.available + 1)
    wallet.refused(more, what="a stake of one minor unit more than there is")
    await wallet.moved(player, before, 0)
    done = await wallet.debit(player, before.available)
    wallet.accepted(done, "a stake of the whole balance")
    await wallet.moved(player, before, -before.available)


CHECK = Check(
    id="wallet.debit.whole-balance",
    rules=("WAL-04",),
    category=Category.HAPPY_PATH,
    level="smoke",
    needs=(Need.CREATE_PLAYER,),
    about="A stake of all that the player has is taken; one minor unit more is not.",
    drive=_drive,
)
