"""Many stakes at once."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(100_000)
    before = await wallet.funds(player)
    amounts = [100 + 7 * n for n in range(wallet.config.parallel)]
    if before.available < sum(amounts):
        raise Unclear(f"{player.id} has less than the {player.money(sum(amounts))} of all stakes")
    found = await wallet.together([wallet.debit_ask(player, minor) for minor in amounts])
    for done in found:
        wallet.accepted(await wallet.known(done), "each of several stakes that the player has")
    await wallet.moved(player, before, -sum(amounts))


CHECK = Check(
    id="wallet.debit.parallel-different",
    rules=("WAL-10",),
    category=Category.CONCURRENCY,
    about="Different debits at once: the balance in the end is exact.",
    drive=_drive,
)
