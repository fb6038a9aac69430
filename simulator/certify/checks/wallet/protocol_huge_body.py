"""Too much."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    note = "x" * (10 * 1024 * 1024)
    done = await wallet.send(wallet.debit_ask(player, 200, note=note))
    wallet.require(
        done.lost or 400 <= done.status < 500,
        f"10 MB have to be refused with a 4xx, and the answer was {done.status}",
    )
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.protocol.huge-body",
    rules=("WAL-77",),
    category=Category.PROTOCOL,
    about="A body of 10 MB is refused with a 4xx, or not read to its end, and moves nothing.",
    drive=_drive,
)
