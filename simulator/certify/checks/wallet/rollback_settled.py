"""After the win."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    wallet.given(await wallet.credit(player, 500, round_id=round_id, debit=bet))
    before = await wallet.funds(player)
    done = await wallet.rollback(player, bet, round_id=round_id)
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    if wallet.profile.settled_rollback == "refused":
        wallet.refused(done, what="the rollback of a debit that was settled")
        await wallet.moved(player, before, 0)
    else:
        await wallet.moved(player, before, 200 if done.ok else 0)


CHECK = Check(
    id="wallet.rollback.settled",
    rules=("WAL-47",),
    category=Category.ROLLBACK,
    about="A debit that was settled is not given back, unless the profile says so.",
    drive=_drive,
)
