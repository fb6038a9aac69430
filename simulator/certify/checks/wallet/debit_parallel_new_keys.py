"""One id, many keys, at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(3):
        player = await wallet.player()
        before = await wallet.funds(player)
        txn, round_id = wallet.names.new("t"), wallet.names.new("r")
        asks = [
            wallet.debit_ask(player, 200, txn=txn, round_id=round_id)
            for _ in range(wallet.config.parallel)
        ]
        for done in await wallet.together(asks):
            now = await wallet.known(done)
            wallet.require(
                now.ok or now.status in (409, 422), f"each is answered for good, and {now}"
            )
        await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.debit.parallel-new-keys",
    rules=(
        "WAL-10",
        "WAL-08",
    ),
    category=Category.CONCURRENCY,
    about="One transaction under many keys at once is taken once.",
    drive=_drive,
)
