"""We hang up before the answer."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        ask = jackpot.contribute_ask(pool, player, part.stake)
        await jackpot.send(ask, manner=Manner(hang_up=True))
        done = await jackpot.known(await jackpot.send(ask))
        jackpot.accepted(done, "the repeat of a contribution whose answer was lost")
        return await jackpot.off(pool, part)

    for _ in range(2):
        await jackpot.steadily(attempt, "a contribution whose answer was lost counts once")


CHECK = Check(
    id="jackpot.contribution.lost-answer",
    rules=(
        "WAL-90",
        "WAL-72",
        "JP-02",
    ),
    category=Category.RECOVERY,
    about="A contribution whose answer was lost is repeated with its key, and the pool grows once.",
    drive=_drive,
)
