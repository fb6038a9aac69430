"""We hang up before the answer."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(3):
        player = await wallet.player()
        before = await wallet.funds(player)
        ask = wallet.debit_ask(player, 200)
        await wallet.send(ask, manner=Manner(hang_up=True))
        done = await wallet.known(await wallet.send(ask))
        wallet.accepted(done, "the repeat of a debit whose answer was lost")
        await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.debit.lost-answer",
    rules=(
        "WAL-72",
        "WAL-06",
    ),
    category=Category.RECOVERY,
    about="A debit whose answer was lost is repeated with its key and taken once.",
    drive=_drive,
)
