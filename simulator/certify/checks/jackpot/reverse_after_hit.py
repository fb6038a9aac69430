"""Rolled back when the pool has fallen."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        other = await jackpot.entered(pool)
        _, fell = await jackpot.fallen(pool)
        begun = await jackpot.pool(pool.id)
        done = await jackpot.send(jackpot.reverse_ask(other.contrib))
        jackpot.accepted(done, "the reversal of a contribution of a pool that has fallen since")
        payout = await jackpot.read("payouts", str(fell.at("jp_payout_id")))
        jackpot.accepted(payout, "reading what is owed")
        jackpot.require(
            payout.at("status") not in ("cancelled", "forfeited")
            and jackpot.minor(payout, "amount") == jackpot.minor(fell, "amount"),
            f"what was won stays won, {fell.at('amount')}, and {payout}",
        )
        return await jackpot.grown(begun), other.part.growth

    await jackpot.steadily(attempt, "a reversal after the hit takes nothing out of the new pool")


CHECK = Check(
    id="jackpot.reverse.after-hit",
    rules=("WAL-96",),
    category=Category.ROLLBACK,
    about="After the pool has fallen a reversal takes nothing out of the new pool, and what "
    "was won stays won.",
    blind="Whether the reserve has paid it.",
    drive=_drive,
)
