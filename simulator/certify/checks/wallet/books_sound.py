"""Ask the target itself."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    wallet.given(await wallet.debit(player, 200))
    said = await wallet.hook(Need.RECONCILE)
    verdict = said.get("sound", said.get("verdict", True))
    wallet.require(
        verdict is True or verdict == "sound",
        f"the books have to be sound, and the target says {str(said)[:500]}",
    )


CHECK = Check(
    id="wallet.books.sound",
    rules=("SBX-11",),
    category=Category.RECOVERY,
    needs=(Need.RECONCILE,),
    about="After everything that was done to it the target finds its own books sound.",
    drive=_drive,
)
