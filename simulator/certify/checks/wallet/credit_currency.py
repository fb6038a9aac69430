"""Not in this currency, whatever the operation."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    other = "USD" if player.currency != "USD" else "EUR"
    money = {**player.money(500).written(wallet.form), "currency": other}
    win = await wallet.credit(player, 500, round_id=round_id, debit=bet, amount=money)
    wallet.refused(win, what=f"a win in {other} for a player of {player.currency}")
    hold = wallet.names.new("t")
    done = await wallet.send(
        wallet.reserve_ask(player, 100, round_id=round_id, txn=hold, amount=money)
    )
    wallet.refused(done, what=f"a reserve in {other} for a player of {player.currency}")
    payout = wallet.jackpot_ask(player, 500, wallet.names.new("jp"), amount=money)
    paid = await wallet.send(payout)
    wallet.refused(paid, what=f"a jackpot in {other} for a player of {player.currency}")
    await wallet.held(player, before, 0, 0)


CHECK = Check(
    id="wallet.credit.currency",
    rules=("WAL-12",),
    category=Category.LIMITS,
    about="A win, jackpot or reserve in another currency than the wallet's is refused.",
    drive=_drive,
)
