"""The same debit again, under its key."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    first = wallet.given(await wallet.debit(player, 200))
    wallet.given(await wallet.debit(player, 100))  # the balance of now is another one
    later = await wallet.again(first)
    wallet.accepted(later, "the repeat of an accepted debit")
    await wallet.moved(player, before, -300)
    wallet.same(first, later)


CHECK = Check(
    id="wallet.debit.repeat",
    rules=("WAL-06", "PRV-30"),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="Same key, same body: one effect, and the first answer byte for byte.",
    drive=_drive,
)
