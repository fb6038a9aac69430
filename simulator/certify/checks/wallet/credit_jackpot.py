"""A jackpot is paid."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    payout = wallet.names.new("jp")
    first = await wallet.send(wallet.jackpot_ask(player, 1_250, payout))
    wallet.accepted(first, "a payout of a jackpot")
    wallet.require(first.at("status") == "ok", f"status has to be ok, and {first}")
    await wallet.moved(player, before, 1_250)
    wallet.repeated(first, await wallet.again(first))
    await wallet.moved(player, before, 1_250)
    other = wallet.jackpot_ask(player, 1_250, payout, idempotency_key=wallet.names.new("k"))
    again = await wallet.send(other)
    wallet.require(not again.lost and again.status < 500, f"it is answered, and {again}")
    altered = wallet.jackpot_ask(player, 2_500, payout, idempotency_key=wallet.names.new("k"))
    wallet.refused(await wallet.send(altered), what="a known payout with another amount")
    await wallet.moved(player, before, 1_250)


CHECK = Check(
    id="wallet.credit.jackpot",
    rules=(
        "JP-13",
        "WAL-90",
        "PRV-35",
        "WAL-07",
    ),
    category=Category.HAPPY_PATH,
    about="A payout of a jackpot is credited once, under the key in its body and under any other.",
    drive=_drive,
)
