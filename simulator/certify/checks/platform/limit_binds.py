"""A limit of the player’s own."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, _ = await platform.begun(300)
    await platform.hook(
        Need.LIMIT_PLAYER, player_id=player.id, currency=player.currency, cash="5.00"
    )
    before = await platform.funds(player)
    over = await platform.bet(player, session, 300)
    platform.refused(over, what="a stake of 3 after one of 3 under a limit of 5 a day")
    await platform.held(player, before, 0, 0)
    within = await platform.bet(player, session, 200)
    platform.accepted(within, "a stake of 2 after one of 3 under a limit of 5 a day")
    win = await platform.settle(player, 900, bet=bet, round_id=round_id)
    platform.accepted(win, "a win beyond the limit")
    await platform.held(player, before, 700, -100)


CHECK = Check(
    id="platform.limit.binds",
    rules=("WAL-66",),
    category=Category.LIMITS,
    needs=(
        Need.CREATE_PLAYER,
        Need.LIMIT_PLAYER,
    ),
    about="A limit that is made stricter binds at once, counts what is held, and lets wins land.",
    clauses=("2.5.5",),
    drive=_drive,
)
