"""A widget follows."""

import asyncio

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Entered, Jackpot
from simulator.certify.roles.live import News, listen, sizes
from simulator.certify.roles.pools import Pool

SOON_S = 0.1


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered = await jackpot.entered(pool)
    names = {one.id for one in await jackpot.pools()}
    now = await jackpot.pool(pool.id)
    first = await listen(jackpot, lambda news: names <= _named(news))
    missing = sorted(names - _named(first))
    jackpot.require(not missing, f"it begins with every pool, and of {missing} nothing is told")
    await _up_to_date(jackpot, now, now.size, first)
    await jackpot.entered(pool, entered.player)
    now = await jackpot.pool(pool.id)
    resumed = await _heard(jackpot, now, now.size, first[-1].id)
    await _up_to_date(jackpot, now, now.size, resumed)
    more = now.size + 1
    news, _ = await asyncio.gather(
        _heard(jackpot, now, more, resumed[-1].id), _soon(jackpot, pool, entered)
    )
    await _up_to_date(jackpot, now, more, news)


async def _soon(jackpot: Jackpot, pool: Pool, entered: Entered) -> None:
    await asyncio.sleep(SOON_S)
    await jackpot.entered(pool, entered.player)


async def _heard(jackpot: Jackpot, pool: Pool, least: int, after: str) -> list[News]:
    """What is told until the pool is told to have so much. Judged: something is."""
    news = await listen(jackpot, lambda told: max(sizes(pool, told), default=-1) >= least, after)
    jackpot.require(news, f"{pool.id} has changed since event {after}, and nothing is told")
    return news


async def _up_to_date(jackpot: Jackpot, pool: Pool, least: int, news: list[News]) -> None:
    """Judge that the last news of a pool have at least so much, and no more than it has by now.
    Raises Unclear where somebody else has made it smaller meanwhile."""
    now = await jackpot.pool(pool.id)
    if now.cycle != pool.cycle or now.size < least:
        raise Unclear(f"others play pool {pool.id}: {dict(now.shown)}")
    told = sizes(pool, news)
    jackpot.require(
        told and least <= told[-1] <= now.size,
        f"the stream tells {pool.id} as it stands, {pool.money(least)} to {pool.money(now.size)}, "
        f"and its last news are {told[-1:]} minor units",
    )


def _named(news: list[News]) -> set[str]:
    return {str(one.pool.get("pool_id")) for one in news}


CHECK = Check(
    id="jackpot.live.follows",
    rules=("JP-14",),
    category=Category.HAPPY_PATH,
    about="A stream of sizes begins with every pool, tells what changes as it changes, and to who "
    "comes back with the id of the last event what has changed meanwhile.",
    drive=_drive,
)
