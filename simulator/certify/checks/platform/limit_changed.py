"""A limit that is set again."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player)
    await _limit(platform, player.id, player.currency, "10.00")
    await _limit(platform, player.id, player.currency, "5.00")
    before = await platform.funds(player)
    over = await platform.bet(player, session, 600)
    platform.refused(over, what="a stake of 6 right after a limit of 10 a day was made one of 5")
    await _limit(platform, player.id, player.currency, "50.00")
    over = await platform.bet(player, session, 600)
    platform.refused(over, what="a stake of 6 right after a limit of 5 a day was made one of 50")
    await platform.held(player, before, 0, 0)
    within = await platform.bet(player, session, 500)
    platform.accepted(within, "a stake of 5 under a limit of 5 a day")


async def _limit(platform: Platform, player_id: str, currency: str, cash: str) -> None:
    await platform.hook(Need.LIMIT_PLAYER, player_id=player_id, currency=currency, cash=cash)


CHECK = Check(
    id="platform.limit.changed",
    rules=("WAL-66",),
    category=Category.LIMITS,
    needs=(Need.CREATE_PLAYER, Need.LIMIT_PLAYER),
    about="A limit made stricter again binds at once; one made looser does not bind yet.",
    blind="Whether the looser one binds after a day.",
    clauses=("2.5.5",),
    drive=_drive,
)
