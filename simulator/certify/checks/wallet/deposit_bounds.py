"""Not more than there is."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    hold = wallet.reserve_ask(
        player, 300, round_id=wallet.names.new("r"), txn=wallet.names.new("t")
    )
    wallet.given(await wallet.send(hold))
    before = await wallet.funds(player)
    for kind in ("deposits", "withdrawals"):
        done = await wallet.send(wallet.payment_ask(kind, player, -200))
        wallet.refused(done, what=f"a negative amount of {kind}")
        await wallet.held(player, before, 0, 0)
    over = await wallet.send(wallet.payment_ask("withdrawals", player, before.available + 100))
    wallet.refused(over, what="a withdrawal of what is available and 1.00 more")
    await wallet.held(player, before, 0, 0)
    for kind, by in (("deposits", 200), ("withdrawals", 0)):
        name = wallet.names.new("pay")
        wallet.given(await wallet.send(wallet.payment_ask(kind, player, 200, name)))
        again = await wallet.send(wallet.payment_ask(kind, player, 200, name))
        wallet.require(not again.lost and again.status < 500, f"it is answered, and {again}")
        await wallet.held(player, before, by, 0)


CHECK = Check(
    id="wallet.deposit.bounds",
    rules=("PRV-05", "WAL-05", "WAL-08"),
    category=Category.LIMITS,
    about="No negative payment, none out of what is held, and one per payment id under any key.",
    clauses=("2.5.6",),
    drive=_drive,
)
