"""Yen and fils."""

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.money import too_fine, with_amount
from simulator.certify.roles.wallet import Wallet

CURRENCIES = ("JPY", "KWD")


async def _drive(wallet: Wallet) -> None:
    for currency in CURRENCIES:
        player = await wallet.player(50_000, currency)
        if player.currency != currency:
            raise Unclear(f"hooks.create_player makes no player of {currency}")
        before = await wallet.funds(player)
        wallet.require(
            before.available == 50_000,
            f"a player was made with {player.money(50_000)} and has "
            f"{player.money(before.available)}",
        )
        for minor in (1, 123):
            done = wallet.accepted(await wallet.debit(player, minor), str(player.money(minor)))
            before = before.moved(-minor)
            wallet.balance_is(done, before)
            await wallet.moved(player, before, 0)
        if wallet.form == "decimal_number":
            ask = wallet.debit_ask(player, 777)
            for fine in too_fine(currency):
                done = await wallet.send(wallet.ask("POST", ask.path, with_amount(ask.body, fine)))
                wallet.refused(done, what=f"a stake of {fine} {currency}")
            await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.currency-scales",
    rules=("PRV-03", "WAL-05"),
    category=Category.HAPPY_PATH,
    needs=(Need.CREATE_PLAYER,),
    about="JPY has no decimals and KWD has three: the smallest amount is taken, a finer refused.",
    drive=_drive,
)
