"""A contribution races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        same = jackpot.same_contribution(pool, player)
        half = jackpot.config.parallel // 2
        for done in await jackpot.together(
            [same(part.stake)] * half + [same(part.stake) for _ in range(half)]
        ):
            now = await jackpot.known(done)
            jackpot.require(now.ok or now.code == "DUPLICATE", f"each copy is answered, and {now}")
        return await jackpot.off(pool, part)

    for _ in range(2):
        await jackpot.steadily(attempt, "copies of one contribution make its pool grow once")


CHECK = Check(
    id="jackpot.contribution.parallel-repeat",
    rules=(
        "WAL-90",
        "JP-02",
    ),
    category=Category.CONCURRENCY,
    level="smoke",
    about="One contribution, sent many times at once under the same and other keys, makes "
    "the pool grow once.",
    drive=_drive,
)
