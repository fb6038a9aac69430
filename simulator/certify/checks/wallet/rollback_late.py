"""A rollback that took its time."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    await wallet.hook(Need.ADVANCE_CLOCK, seconds=str(40 * 86_400))
    done = await wallet.rollback(player, bet, round_id=round_id)
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    await wallet.moved(player, before, 200 if done.ok else 0)


CHECK = Check(
    id="wallet.rollback.late",
    rules=("WAL-40", "WAL-46"),
    category=Category.ROLLBACK,
    level="exhaustive",
    needs=(Need.ADVANCE_CLOCK,),
    about="A rollback 40 days after its debit that is answered with a yes has given it back.",
    drive=_drive,
)
