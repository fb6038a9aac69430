"""Somebody else’s win."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    other = await wallet.other_player()
    theirs = await wallet.funds(other)
    for debit, what in ((bet, "on another player’s debit"), (None, "in another player’s round")):
        done = await wallet.credit(other, 500, round_id=round_id, debit=debit)
        wallet.unbacked(done, f"a win {what}")
        await wallet.moved(other, theirs, 500 if done.ok else 0)
        theirs = await wallet.funds(other)
    await wallet.moved(player, before, 0)
    own = await wallet.credit(player, 500, round_id=round_id, debit=bet)
    wallet.accepted(own, "the win of whose debit it is, afterwards")
    await wallet.moved(player, before, 500)


CHECK = Check(
    id="wallet.credit.foreign",
    rules=("WAL-24",),
    category=Category.ROLLBACK,
    about="A win on the debit, or in the round, of another player only is one without a debit.",
    drive=_drive,
)
