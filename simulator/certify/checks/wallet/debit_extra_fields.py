"""More than is asked for."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    extra = {"operator_note": "x", "nested": {"a": [1, 2]}}
    done = await wallet.debit(player, 200, **extra)
    wallet.accepted(done, "a stake with fields that the target does not know")
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.debit.extra-fields",
    rules=("WAL-17",),
    category=Category.PROTOCOL,
    about="Fields that nobody knows are tolerated.",
    drive=_drive,
)
