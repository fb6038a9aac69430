"""Ask the target itself."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.questions import books_are_sound
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    wallet.given(await wallet.debit(player, 200))
    await books_are_sound(wallet)


CHECK = Check(
    id="wallet.books.sound",
    rules=("SBX-11",),
    category=Category.RECOVERY,
    needs=(Need.RECONCILE,),
    about="After everything that was done to it the target finds its own books sound.",
    drive=_drive,
)
