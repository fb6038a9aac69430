"""Many bets at the same moment."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        count = jackpot.config.parallel
        asks = [jackpot.contribute_ask(pool, player, part.stake) for _ in range(count)]
        for done in await jackpot.together(asks):
            jackpot.accepted(await jackpot.known(done), "a contribution among others")
        return await jackpot.off(pool, part, times=count)

    for _ in range(2):
        await jackpot.steadily(attempt, "a pool grows by each of the contributions of one moment")


CHECK = Check(
    id="jackpot.contribution.parallel",
    rules=(
        "WAL-91",
        "WAL-90",
    ),
    category=Category.CONCURRENCY,
    about="Of contributions of one moment none is lost: the pool grows by each.",
    drive=_drive,
)
