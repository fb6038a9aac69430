"""A jackpot is paid."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    first = await wallet.send(wallet.jackpot_ask(player, 1_250, wallet.names.new("jp")))
    wallet.accepted(first, "a payout of a jackpot")
    wallet.require(first.at("status") == "ok", f"status has to be ok, and {first}")
    await wallet.moved(player, before, 1_250)
    wallet.repeated(first, await wallet.again(first))
    await wallet.moved(player, before, 1_250)


CHECK = Check(
    id="wallet.credit.jackpot",
    rules=(
        "JP-13",
        "WAL-90",
        "PRV-35",
    ),
    category=Category.HAPPY_PATH,
    about="A payout of a jackpot is credited once, by the key in its body.",
    drive=_drive,
)
