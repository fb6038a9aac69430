"""A bet puts its part into a pool."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        contrib = jackpot.names.new("c")
        ask = jackpot.contribute_ask(pool, player, part.stake, contrib=contrib)
        done = jackpot.accepted(await jackpot.send(ask), "a contribution")
        said = jackpot.minor(done, "contribution")
        jackpot.require(
            said == part.contribution,
            f"{pool.rate} of {pool.money(part.stake)} is {pool.money(part.contribution)}: {done}",
        )
        grown = await jackpot.grown(pool)
        known = jackpot.accepted(await jackpot.read("contributions", contrib), "reading it")
        jackpot.require(known.at("status") == "recorded", f"it is recorded, and {known}")
        jackpot.require(
            jackpot.minor(known, "contribution") == said, f"it reads as it was, and {known}"
        )
        return None if grown is None else grown - part.growth, part.growth

    await jackpot.steadily(attempt, "a contribution makes its pool grow by the pool's part, once")


CHECK = Check(
    id="jackpot.contribution.once",
    rules=(
        "WAL-90",
        "WAL-91",
        "JP-10",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A contribution is the published rate of its stake, and makes the pool grow by "
    "the published part of it, once.",
    drive=_drive,
)
