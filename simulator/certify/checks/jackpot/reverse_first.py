"""A tombstone."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        contrib = jackpot.names.new("c")
        first = await jackpot.send(jackpot.reverse_ask(contrib))
        jackpot.accepted(first, "a reversal that comes before its contribution")
        ask = jackpot.contribute_ask(pool, player, part.stake, contrib=contrib)
        jackpot.refused(await jackpot.send(ask), what="a contribution whose reversal came first")
        return await jackpot.grown(pool), part.growth

    await jackpot.steadily(attempt, "a contribution whose reversal came first makes no pool grow")


CHECK = Check(
    id="jackpot.reverse.first",
    rules=(
        "WAL-96",
        "WAL-42",
    ),
    category=Category.ROLLBACK,
    about="A reversal before its contribution keeps the late contribution out.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
