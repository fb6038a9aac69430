"""One bet, many times at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for _ in range(3):
        player = await platform.player()
        session = await platform.session(player)
        before = await platform.funds(player)
        ask = platform.bet_ask(player, session, 200)
        found = await platform.together([ask] * platform.config.parallel)
        await platform.held(player, before, -200, 200)
        for done in found:
            platform.accepted(await platform.known(done), "each copy of an accepted bet")


CHECK = Check(
    id="platform.bet.parallel-repeat",
    rules=(
        "WAL-10",
        "WAL-06",
    ),
    category=Category.CONCURRENCY,
    level="smoke",
    about="N identical bets in parallel hold the stake once, and every copy is told so.",
    drive=_drive,
)
