"""Together too much."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.money import split
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(3):
        player = await wallet.player(1_000 * (wallet.config.parallel // 3))
        before = await wallet.funds(player)
        stake, fit = split(wallet, before.available)
        round_id = wallet.names.new("r")
        names = [wallet.names.new("t") for _ in range(wallet.config.parallel)]
        asks = [wallet.debit_ask(player, stake, txn=name, round_id=round_id) for name in names]
        found = [await wallet.known(done) for done in await wallet.together(asks)]
        taken = sum(done.ok for done in found)
        now = await wallet.funds(player)
        wallet.require(now.available >= 0, f"the balance is {player.money(now.available)}")
        wallet.require(
            taken == fit,
            f"of {len(asks)} stakes of {player.money(stake)} on {player.money(before.available)} "
            f"{fit} fit, and {taken} were accepted",
        )
        await wallet.moved(player, before, -stake * taken)
        if not player.fresh:  # as it was, for the checks that follow
            for name in names:
                await wallet.rollback(player, name, round_id=round_id)


CHECK = Check(
    id="wallet.debit.parallel-overdraw",
    rules=("WAL-11",),
    category=Category.CONCURRENCY,
    level="smoke",
    about="Debits at once that are too much together: never below zero, and as many as fit.",
    drive=_drive,
)
