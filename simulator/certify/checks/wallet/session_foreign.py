"""Somebody else’s session."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, other = await wallet.player(), await wallet.other_player()
    session = await wallet.session(other)
    before, theirs = await wallet.funds(player), await wallet.funds(other)
    done = await wallet.debit(player, 100, session_id=session)
    wallet.refused(done, what="a stake in the session of another player")
    done = await wallet.debit(player, 100, session_id=wallet.names.new("s"))
    wallet.refused(done, what="a stake in a session that there is not")
    await wallet.moved(player, before, 0)
    await wallet.moved(other, theirs, 0)


CHECK = Check(
    id="wallet.session.foreign",
    rules=("WAL-14",),
    category=Category.LIMITS,
    needs=(Need.CREATE_SESSION,),
    about="A stake in the session of another player, or in none that there is, is refused.",
    drive=_drive,
)
