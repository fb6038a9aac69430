"""Another currency."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.player import Player
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    other = "USD" if player.currency != "USD" else "GBP"
    amount = Player(player.id, other, player.fresh).money(200)
    done = await wallet.debit(player, 200, amount=amount.written(wallet.form))
    wallet.refused(done, what=f"a stake in {other} on a wallet in {player.currency}")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.currency",
    rules=("WAL-12",),
    category=Category.LIMITS,
    about="Another currency than the wallet has is refused.",
    drive=_drive,
)
