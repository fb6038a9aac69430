"""A limit, and many at once."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    sessions = [await platform.session(player) for _ in range(2)]
    await platform.hook(
        Need.LIMIT_PLAYER, player_id=player.id, currency=player.currency, cash="5.00"
    )
    before = await platform.funds(player)
    count = max(8, platform.config.parallel)
    asks = [platform.bet_ask(player, sessions[n % 2], 100) for n in range(count)]
    found = [await platform.known(done) for done in await platform.together(asks)]
    landed = sum(done.ok for done in found)
    platform.require(
        landed <= 5, f"under a limit of 5 a day at most 5 stakes of 1 are accepted, not {landed}"
    )
    await platform.held(player, before, -100 * landed, 100 * landed)
    later = await platform.session(player)
    left = await platform.bet(player, later, 100 * (6 - landed))
    platform.refused(left, what="in a session of later, a stake of 1 more than is left")


CHECK = Check(
    id="platform.limit.parallel",
    rules=("WAL-66", "WAL-11"),
    category=Category.CONCURRENCY,
    needs=(Need.CREATE_PLAYER, Need.LIMIT_PLAYER),
    about="Bets at the same moment, in two sessions and a third, do not exceed the player's limit.",
    clauses=("2.5.5",),
    drive=_drive,
)
