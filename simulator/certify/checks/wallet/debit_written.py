"""2.5, 2.50 and 3."""

from simulator.certify.check import Category, Check
from simulator.certify.money import spellings, with_amount
from simulator.certify.roles.wallet import Wallet

AMOUNTS = (200, 250, 29, 110, 435, 870, 1_001)
"""Minor units; in most currencies they are no binary fractions."""


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    for text, minor in spellings(player.currency, AMOUNTS).items():
        before = await wallet.funds(player)
        ask = wallet.debit_ask(player, 777)
        done = await wallet.send(wallet.ask("POST", ask.path, with_amount(ask.body, text)))
        wallet.accepted(done, f"a stake that is written as {text}")
        await wallet.moved(player, before, -minor)


CHECK = Check(
    id="wallet.debit.written",
    rules=("PRV-03",),
    category=Category.PROTOCOL,
    about="An amount is what its number says, with all decimals, fewer or none.",
    when=lambda profile: profile.money_format == "decimal_number",
    drive=_drive,
)
