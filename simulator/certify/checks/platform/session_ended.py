"""The session ends before the round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun(200)
    undone = platform.names.new("b")
    platform.given(await platform.bet(player, session, 300, bet=undone, round_id=round_id))
    before = await platform.funds(player)
    platform.given(await platform.end(session))
    stake = await platform.bet(player, session, 100)
    platform.refused(stake, what="a bet in a session that is over")
    win = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.accepted(win, "a win after the session was over")
    back = await platform.rollback(bet=undone, round_id=round_id)
    platform.accepted(back, "a rollback after the session was over")
    await platform.held(player, before, 800, -500)


CHECK = Check(
    id="platform.session.ended",
    rules=(
        "WAL-20",
        "WAL-46",
        "WAL-14",
    ),
    category=Category.LIMITS,
    about="After its session has ended a bet is refused; wins and rollbacks still land.",
    drive=_drive,
)
