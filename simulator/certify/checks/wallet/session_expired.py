"""The session ends before the round."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    session = await wallet.session(player)
    round_id, won, undone = wallet.names.new("r"), wallet.names.new("t"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=won, session_id=session))
    wallet.given(await wallet.debit(player, 300, round_id=round_id, txn=undone, session_id=session))
    before = await wallet.funds(player)
    await wallet.hook(Need.EXPIRE_SESSION, session_id=session, player_id=player.id)
    over = "in a session that is over"
    await wallet.stakes_nothing(player, 100, over, round_id=round_id, session=session)
    await wallet.held(player, before, 0, 0)
    win = await wallet.credit(player, 500, round_id=round_id, debit=won, session_id=session)
    wallet.accepted(win, "a win after the session was over")
    back = await wallet.rollback(player, undone, round_id=round_id, session_id=session)
    wallet.accepted(back, "a rollback after the session was over")
    await wallet.moved(player, before, 800)


CHECK = Check(
    id="wallet.session.expired",
    rules=(
        "WAL-14",
        "WAL-20",
        "WAL-46",
    ),
    category=Category.LIMITS,
    needs=(
        Need.CREATE_SESSION,
        Need.EXPIRE_SESSION,
    ),
    about="After its session has ended no door takes a stake; wins and rollbacks still land.",
    drive=_drive,
)
