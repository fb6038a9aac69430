"""One debit, many times at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(3):
        player = await wallet.player()
        before = await wallet.funds(player)
        ask = wallet.debit_ask(player, 200)
        found = await wallet.together([ask] * wallet.config.parallel)
        await wallet.moved(player, before, -200)
        for done in found:
            wallet.accepted(await wallet.known(done), "each copy of an accepted debit")


CHECK = Check(
    id="wallet.debit.parallel-repeat",
    rules=("WAL-10", "WAL-06"),
    category=Category.CONCURRENCY,
    level="smoke",
    about="N identical debits in parallel take the stake once, and every copy is told so.",
    drive=_drive,
)
