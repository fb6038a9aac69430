"""Somebody else’s debit."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, other = await wallet.player(), await wallet.other_player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    before, theirs = await wallet.funds(player), await wallet.funds(other)
    done = await wallet.rollback(other, bet, round_id=round_id)
    if wallet.profile.transaction_scope == "tenant":
        wallet.refused(done, what="the rollback of another player’s debit")
    else:
        wallet.require(done.status < 500, f"it is answered for good, and {done}")
    await wallet.moved(player, before, 0)
    await wallet.moved(other, theirs, 0)
    hold = wallet.names.new("t")
    wallet.given(await wallet.send(wallet.reserve_ask(player, 300, round_id=round_id, txn=hold)))
    release = wallet.release_ask(other, hold, round_id=round_id, txn=wallet.names.new("t"))
    done = await wallet.send(release)
    if wallet.profile.transaction_scope == "tenant":
        wallet.refused(done, what="the release of what another player has set aside")
    else:
        wallet.require(done.status < 500, f"it is answered for good, and {done}")
    await wallet.held(player, before, -300, 300)
    await wallet.held(other, theirs, 0, 0)


CHECK = Check(
    id="wallet.rollback.foreign",
    rules=("WAL-49",),
    category=Category.ROLLBACK,
    about="A rollback or release in the name of another player gives nobody anything.",
    drive=_drive,
)
