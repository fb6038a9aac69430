"""A reversal races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        entered = await jackpot.entered(pool)
        half = jackpot.config.parallel // 2
        asks = [jackpot.reverse_ask(entered.contrib)] * half
        asks += [jackpot.reverse_ask(entered.contrib) for _ in range(half)]
        for done in await jackpot.together(asks):
            now = await jackpot.known(done)
            jackpot.require(now.ok or now.code == "DUPLICATE", f"each copy is answered, and {now}")
        return await jackpot.grown(pool), entered.part.growth

    for _ in range(2):
        await jackpot.steadily(attempt, "copies of one reversal take its contribution out once")


CHECK = Check(
    id="jackpot.reverse.parallel",
    rules=(
        "WAL-96",
        "WAL-90",
    ),
    category=Category.CONCURRENCY,
    about="One reversal, sent many times at once under the same and other keys, takes the "
    "contribution out once.",
    drive=_drive,
)
