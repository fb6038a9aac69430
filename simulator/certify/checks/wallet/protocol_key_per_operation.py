"""One key, two operations."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet, key = wallet.names.new("r"), wallet.names.new("t"), wallet.names.new("k")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet, key=key))
    before = await wallet.funds(player)
    win = wallet.names.new("t")
    done = await wallet.credit(player, 500, round_id=round_id, debit=bet, txn=win, key=key)
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    if done.ok:  # the key is told apart per operation; to refuse it is as safe
        said = done.at("transaction_id")
        wallet.require(said == win, f"a win is answered as {win}, and {done}")
    await wallet.moved(player, before, 500 if done.ok else 0)


CHECK = Check(
    id="wallet.protocol.key-per-operation",
    rules=("PRV-30", "PRV-31"),
    category=Category.IDEMPOTENCY,
    about="The key of a debit on a credit: the debit's answer is never given for it.",
    drive=_drive,
)
