"""A win that takes."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    for reason in ("win", "promo", "correction"):
        done = await wallet.credit(player, -500, round_id=round_id, debit=bet, reason=reason)
        wallet.refused(done, what=f"a negative {reason}")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.credit.negative",
    rules=("WAL-27",),
    category=Category.PROTOCOL,
    about="A negative win is refused and takes nothing.",
    drive=_drive,
)
