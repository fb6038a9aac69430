"""What is there, and in what."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.money import NotMoney, read
from simulator.certify.roles import player as players
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for player in (await players.player(wallet), wallet.configured("other_currency")):
        done = wallet.given(await wallet.read_balance(player))
        for name in ("available", "held"):
            found = done.at(f"{wallet.at}.{name}")
            if found is None and name == "held":
                continue
            try:
                currency = read(found, wallet.form).currency
            except NotMoney as wrong:
                wallet.require(
                    False, f"what is {name} is written as {wallet.form}, and {wrong}; {done}"
                )
            else:
                wallet.require(
                    currency == player.currency, f"{player.id} has {player.currency}, and {done}"
                )


CHECK = Check(
    id="wallet.balance.written",
    rules=("PRV-03",),
    category=Category.PROTOCOL,
    needs=(Need.OTHER_CURRENCY,),
    about="A balance is written as the profile says, in the player's own currency.",
    drive=_drive,
)
