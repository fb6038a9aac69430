"""2, 2.0 and 2.00."""

from simulator.certify.check import Category, Check
from simulator.certify.money import spellings, with_amount
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    first = wallet.given(await wallet.debit(player, 200))
    for text in spellings(player.currency, [200]):
        body = with_amount(first.ask.body, text)
        done = await wallet.send(
            wallet.ask("POST", first.ask.path, body, key=first.ask.headers["X-Idempotency-Key"])
        )
        wallet.repeated(first, done)
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.debit.same-amount",
    rules=(
        "WAL-06",
        "PRV-31",
    ),
    category=Category.IDEMPOTENCY,
    level="exhaustive",
    about="The same amount written otherwise is the same request.",
    when=lambda profile: profile.money_format == "decimal_number",
    drive=_drive,
)
