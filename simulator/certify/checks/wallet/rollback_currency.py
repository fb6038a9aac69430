"""Not what was taken."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    other = "USD" if player.currency != "USD" else "EUR"
    money = {**player.money(200).written(wallet.form), "currency": other}
    done = await wallet.rollback(player, bet, round_id=round_id, amount=money)
    wallet.refused(done, what=f"a rollback in {other} of a debit in {player.currency}")
    await wallet.moved(player, before, 0)
    right = await wallet.rollback(player, bet, round_id=round_id)
    wallet.accepted(right, "the rollback that says no currency")
    await wallet.moved(player, before, 200)


CHECK = Check(
    id="wallet.rollback.currency",
    rules=("WAL-49",),
    category=Category.ROLLBACK,
    about="A rollback in another currency than its debit is refused and moves nothing.",
    drive=_drive,
)
