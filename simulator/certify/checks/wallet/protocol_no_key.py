"""Nothing to repeat it by."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    done = await wallet.debit(player, 200, key="")
    wallet.refused(done, what="a write without an idempotency key")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.protocol.no-key",
    rules=(
        "PRV-12",
        "WAL-17",
    ),
    category=Category.PROTOCOL,
    about="A write without an idempotency key is refused, and moves nothing.",
    drive=_drive,
)
