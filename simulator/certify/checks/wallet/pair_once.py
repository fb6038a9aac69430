"""Stake and win in one call."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    ask = wallet.pair_ask(
        wallet.debit_ask(player, 200, round_id=round_id, txn=bet),
        wallet.credit_ask(player, 350, round_id=round_id, debit=bet),
    )
    first = wallet.accepted(await wallet.send(ask), "a debit and its credit in one call")
    await wallet.moved(player, before, 150)
    wallet.repeated(first, await wallet.again(first))
    await wallet.moved(player, before, 150)


CHECK = Check(
    id="wallet.pair.once",
    rules=("WAL-29",),
    category=Category.HAPPY_PATH,
    about="A debit and its credit in one call move their difference, once, also when repeated.",
    drive=_drive,
)
