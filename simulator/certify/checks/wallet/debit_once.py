"""A stake is taken."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    done = wallet.accepted(await wallet.debit(player, 200), "a stake that the player has")
    wallet.balance_is(done, before.moved(-200))
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.debit.once",
    rules=("WAL-01",),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A valid debit takes the stake exactly once and answers the balance after it.",
    drive=_drive,
)
