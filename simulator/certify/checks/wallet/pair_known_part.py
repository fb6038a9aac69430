"""One half was there already."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    debit = wallet.debit_ask(player, 200, round_id=round_id, txn=bet)
    wallet.given(await wallet.send(debit))
    win = wallet.credit_ask(player, 500, round_id=round_id, debit=bet)
    done = await wallet.send(wallet.pair_ask(debit, win))
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    await wallet.moved(player, before, 300 if done.ok else -200)


CHECK = Check(
    id="wallet.pair.known-part",
    rules=("WAL-08", "WAL-29"),
    category=Category.IDEMPOTENCY,
    about="A debit that was sent alone is not taken again with its win in one call.",
    drive=_drive,
)
