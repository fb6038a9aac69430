"""One id, two kinds."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    for debit in (bet, None):
        done = await wallet.credit(player, 200, round_id=round_id, debit=debit, txn=bet)
        wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
        await wallet.moved(player, before, 200 if done.ok else 0)
        before = await wallet.funds(player)
        if done.ok:
            break  # the id is a win's, too, and its next copy a repeat
    hold = await wallet.send(wallet.reserve_ask(player, 200, round_id=round_id, txn=bet))
    wallet.require(not hold.lost and hold.status < 500, f"it is answered for good, and {hold}")
    held = 200 if hold.ok else 0
    await wallet.held(player, before, -held, held)


CHECK = Check(
    id="wallet.credit.id-of-debit",
    rules=("WAL-07",),
    category=Category.IDEMPOTENCY,
    about="A credit or reserve with the id of a debit is refused, or done; never a yes to nothing.",
    drive=_drive,
)
