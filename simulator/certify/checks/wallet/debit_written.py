"""2.5, 2.50 and 3."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet

WRITTEN = {"2": 200, "2.0": 200, "2.5": 250, "0.29": 29, "1.10": 110, "4.35": 435, "8.7": 870}
"""As a JSON number → minor units."""


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    for text, minor in WRITTEN.items():
        before = await wallet.funds(player)
        ask = wallet.debit_ask(player, 777)
        body = ask.body.replace(b'"amount":7.77', b'"amount":' + text.encode())
        done = await wallet.send(wallet.ask("POST", ask.path, body))
        wallet.accepted(done, f"a stake that is written as {text}")
        await wallet.moved(player, before, -minor)


CHECK = Check(
    id="wallet.debit.written",
    rules=("PRV-03",),
    category=Category.PROTOCOL,
    about="An amount is what its number says, with two decimals, one or none.",
    when=lambda profile: profile.money_format == "decimal_number",
    drive=_drive,
)
