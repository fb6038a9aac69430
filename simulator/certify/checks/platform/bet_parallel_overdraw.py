"""Together too much."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    size = platform.config.parallel
    fit = size // 3
    for _ in range(3):
        player = await platform.player(1_000 * fit)
        session = await platform.session(player)
        before = await platform.funds(player)
        asks = [platform.bet_ask(player, session, 1_000) for _ in range(size)]
        found = [await platform.known(done) for done in await platform.together(asks)]
        taken = sum(done.ok for done in found)
        now = await platform.funds(player)
        platform.require(now.available >= 0, f"the balance is {now.available}: below zero")
        platform.require(
            taken == fit,
            f"{size} stakes of 1000 on {before.available}: {fit} fit, and {taken} were accepted",
        )
        await platform.held(player, before, -1_000 * taken, 1_000 * taken)


CHECK = Check(
    id="platform.bet.parallel-overdraw",
    rules=("WAL-11",),
    category=Category.CONCURRENCY,
    level="smoke",
    needs=(Need.CREATE_PLAYER,),
    about="Bets at once that are too much together: never below zero, and as many as fit.",
    clauses=("2.5.6",),
    drive=_drive,
)
