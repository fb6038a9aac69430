"""Drop by drop."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    done = await wallet.send(wallet.debit_ask(player, 200), manner=Manner(slow_ms=300))
    wallet.accepted(done, "a debit whose body comes in pieces")
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.debit.slow",
    rules=(
        "WAL-01",
        "WAL-77",
    ),
    category=Category.RECOVERY,
    about="A request whose body comes slowly is served as any other.",
    drive=_drive,
)
