"""Money from and to the world outside."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    expected = 0
    for kind, minor in (("deposits", 700), ("withdrawals", 300)):
        first = await wallet.send(wallet.payment_ask(kind, player, minor))
        wallet.accepted(first, f"one of the {kind}")
        expected += minor if kind == "deposits" else -minor
        await wallet.moved(player, before, expected)
        wallet.repeated(first, await wallet.again(first))
        await wallet.moved(player, before, expected)


CHECK = Check(
    id="wallet.deposit.once",
    rules=(
        "PRV-05",
        "WAL-06",
    ),
    category=Category.HAPPY_PATH,
    about="A deposit and a withdrawal move their amount once, however often they are sent.",
    clauses=("2.5.6",),
    drive=_drive,
)
