"""Several falls at the same moment."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        rounds = [await jackpot.entered(pool) for _ in range(4)]
        full = await jackpot.pool(pool.id)
        asks = [jackpot.trigger_ask(pool, one.player, one.round_id) for one in rounds]
        falls = [await jackpot.known(done) for done in await jackpot.together(asks)]
        won = sorted((done for done in falls if done.ok), key=lambda done: int(done.at("hit") or 0))
        jackpot.require(won, f"one of them has won, and {falls[0]}")
        hits = [done.at("hit") for done in won]
        jackpot.require(
            len(set(hits)) == len(hits) and min(map(int, hits)) > full.hits,
            f"each hit has a number of its own after {full.hits}, and they have {hits}",
        )
        payouts = {done.at("jp_payout_id") for done in won}
        jackpot.require(len(payouts) == len(won), f"each has a payout of its own: {payouts}")
        amounts = [jackpot.minor(done, "amount") for done in won]
        above = [one for one in amounts if one > pool.seed]
        jackpot.require(
            len(set(above)) == len(above), f"no two are paid the same pool: {amounts} minor units"
        )
        seeds = pool.seed * (len(won) - 1)
        return sum(amounts) - full.size - seeds, pool.seed or 1

    for _ in range(2):
        await jackpot.steadily(
            attempt, "one winner gets what was in the pool, each further one what it began with"
        )


CHECK = Check(
    id="jackpot.trigger.parallel",
    rules=(
        "WAL-94",
        "WAL-91",
    ),
    category=Category.CONCURRENCY,
    about="Triggers of one moment have an order: one winner for each hit, and the next one "
    "hits the pool that has begun anew.",
    drive=_drive,
)
