"""What is no request."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    await questions.bad_bodies(wallet, wallet.debit_ask(player, 200))
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.protocol.bad-body",
    rules=(
        "WAL-77",
        "WAL-76",
    ),
    category=Category.PROTOCOL,
    about="What is no valid body is a 4xx in the error model, never a 5xx, and moves nothing.",
    drive=_drive,
)
