"""A win that changes."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet, win = wallet.names.new("r"), wallet.names.new("t"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    first = wallet.given(await wallet.credit(player, 500, round_id=round_id, debit=bet, txn=win))
    before = await wallet.funds(player)
    key = first.ask.headers["X-Idempotency-Key"]
    for known in (key, None):
        done = await wallet.credit(player, 900, round_id=round_id, debit=bet, txn=win, key=known)
        wallet.refused(done, what="a known win with another amount")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.credit.altered",
    rules=(
        "WAL-07",
        "WAL-21",
    ),
    category=Category.IDEMPOTENCY,
    about="A known win with another amount is refused and credits nothing.",
    drive=_drive,
)
