"""Locked in the middle of a round."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, won, undone = wallet.names.new("r"), wallet.names.new("t"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=won))
    wallet.given(await wallet.debit(player, 300, round_id=round_id, txn=undone))
    session = await wallet.session(player) if wallet.has(Need.CREATE_SESSION) else None
    before = await wallet.funds(player)
    await wallet.hook(Need.LOCK_PLAYER, player_id=player.id)
    stake = await wallet.debit(player, 100)
    wallet.refused(stake, what="a stake right after the player was locked")
    if session is not None:
        stake = await wallet.debit(player, 100, session_id=session)
        wallet.refused(stake, what="a stake of a locked player in a session that was open before")
    win = await wallet.credit(player, 500, round_id=round_id, debit=won)
    wallet.accepted(win, "a win of a locked player")
    await wallet.moved(player, before, 500)
    back = await wallet.rollback(player, undone, round_id=round_id)
    wallet.accepted(back, "a rollback for a locked player")
    await wallet.moved(player, before, 800)


CHECK = Check(
    id="wallet.lock.binds",
    rules=(
        "WAL-13",
        "WAL-28",
    ),
    category=Category.LIMITS,
    needs=(
        Need.CREATE_PLAYER,
        Need.LOCK_PLAYER,
    ),
    about="A lock binds at once: stakes are refused, wins and rollbacks still land.",
    clauses=("2.5.5",),
    drive=_drive,
)
