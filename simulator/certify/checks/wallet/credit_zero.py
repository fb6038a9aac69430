"""A lost round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    wallet.accepted(await wallet.credit(player, 0, round_id=round_id, debit=bet), "a zero win")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.credit.zero",
    rules=("WAL-22",),
    category=Category.HAPPY_PATH,
    about="A zero win records the settlement and moves nothing.",
    drive=_drive,
)
