"""The caller has computed it too."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        for off in (2, -2, part.contribution):
            given = part.contribution + off
            ask = jackpot.contribute_ask(pool, player, part.stake, given=given)
            done = await jackpot.send(ask)
            jackpot.refused(done, what=f"a given contribution that is {off} minor units off")
            jackpot.require(
                done.status == 422 or jackpot.dialect.errors == "status_word",
                f"it is 422, and {done}",
            )
        for off in (0, 1, -1):
            given = part.contribution + off
            ask = jackpot.contribute_ask(pool, player, part.stake, given=given)
            done = jackpot.accepted(
                await jackpot.send(ask), "a given contribution that is at most a minor unit off"
            )
            jackpot.require(
                jackpot.minor(done, "contribution") == part.contribution,
                f"the service computes it: {pool.money(part.contribution)}, and {done}",
            )
        return await jackpot.off(pool, part, times=3)

    await jackpot.steadily(attempt, "the pool grows by what the service has computed")


CHECK = Check(
    id="jackpot.contribution.given",
    rules=(
        "JP-10",
        "WAL-91",
    ),
    category=Category.LIMITS,
    about="A given contribution more than a minor unit off is 422; the service counts what "
    "it has computed itself.",
    drive=_drive,
)
