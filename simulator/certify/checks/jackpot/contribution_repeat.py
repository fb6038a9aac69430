"""The same request again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        first = jackpot.given(await jackpot.send(jackpot.contribute_ask(pool, player, part.stake)))
        for _ in range(3):
            jackpot.repeated(first, await jackpot.again(first))
        return await jackpot.off(pool, part)

    await jackpot.steadily(attempt, "a contribution that is repeated makes its pool grow once")


CHECK = Check(
    id="jackpot.contribution.repeat",
    rules=(
        "WAL-90",
        "PRV-30",
        "JP-02",
    ),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A contribution that is repeated is answered as the first time, and the pool grows once.",
    drive=_drive,
)
