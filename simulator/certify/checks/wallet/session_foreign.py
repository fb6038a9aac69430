"""Somebody else’s session."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, other = await wallet.player(), await wallet.other_player()
    session = await wallet.session(other)
    before, theirs = await wallet.funds(player), await wallet.funds(other)
    round_id, whose = wallet.names.new("r"), "in the session of another player"
    await wallet.stakes_nothing(player, 100, whose, round_id=round_id, session=session)
    done = await wallet.debit(player, 100, session_id=wallet.names.new("s"))
    wallet.refused(done, what="a stake in a session that there is not")
    await wallet.held(player, before, 0, 0)
    await wallet.held(other, theirs, 0, 0)


CHECK = Check(
    id="wallet.session.foreign",
    rules=("WAL-14",),
    category=Category.LIMITS,
    needs=(Need.CREATE_SESSION,),
    about="No door takes a stake in the session of another player, or in none that there is.",
    drive=_drive,
)
