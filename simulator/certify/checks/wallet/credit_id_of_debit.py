"""One id, two kinds."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    done = await wallet.credit(player, 200, round_id=round_id, debit=bet, txn=bet)
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    await wallet.moved(player, before, 200 if done.ok else 0)


CHECK = Check(
    id="wallet.credit.id-of-debit",
    rules=("WAL-07",),
    category=Category.IDEMPOTENCY,
    about="A credit with the id of a debit is refused, or paid; never accepted and not paid.",
    drive=_drive,
)
