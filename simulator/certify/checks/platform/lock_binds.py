"""Locked in the middle of a round."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun(200)
    undone = platform.names.new("b")
    platform.given(await platform.bet(player, session, 300, bet=undone, round_id=round_id))
    before = await platform.funds(player)
    await platform.hook(Need.LOCK_PLAYER, player_id=player.id)
    stake = await platform.bet(player, session, 100)
    platform.refused(stake, what="a bet right after the player was locked")
    win = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.accepted(win, "a win of a locked player")
    back = await platform.rollback(bet=undone, round_id=round_id)
    platform.accepted(back, "a rollback for a locked player")
    await platform.held(player, before, 800, -500)


CHECK = Check(
    id="platform.lock.binds",
    rules=(
        "WAL-13",
        "WAL-28",
    ),
    category=Category.LIMITS,
    needs=(
        Need.CREATE_PLAYER,
        Need.LOCK_PLAYER,
    ),
    about="A lock binds at once: bets are refused, wins and rollbacks still land.",
    clauses=("2.5.5",),
    drive=_drive,
)
