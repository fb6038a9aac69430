"""Together too much."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    size = wallet.config.parallel
    fit = size // 3
    for _ in range(3):
        player = await wallet.player(1_000 * fit)
        before = await wallet.funds(player)
        asks = [wallet.debit_ask(player, 1_000) for _ in range(size)]
        found = [await wallet.known(done) for done in await wallet.together(asks)]
        taken = sum(done.ok for done in found)
        now = await wallet.funds(player)
        wallet.require(now.available >= 0, f"the balance is {now.available}: below zero")
        wallet.require(
            taken == fit,
            f"{size} stakes of 1000 on {before.available}: {fit} fit, and {taken} were accepted",
        )
        await wallet.moved(player, before, -1_000 * taken)


CHECK = Check(
    id="wallet.debit.parallel-overdraw",
    rules=("WAL-11",),
    category=Category.CONCURRENCY,
    level="smoke",
    needs=(Need.CREATE_PLAYER,),
    about="Debits at once that are too much together: never below zero, and as many as fit.",
    clauses=("2.5.6",),
    drive=_drive,
)
