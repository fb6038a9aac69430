"""Who takes part."""

from itertools import pairwise

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot
from simulator.certify.roles.pools import Pool


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> list[int]:
        pool = await jackpot.by_call()
        one = await jackpot.player(currency=pool.currency)
        two = await jackpot.somebody_else(one)
        await jackpot.entered(pool, two)
        entered = await jackpot.entered(pool, one)
        before = _told(await jackpot.pool(pool.id))
        ask = jackpot.trigger_ask(pool, one, entered.round_id)
        jackpot.given(await jackpot.send(ask))
        counts = [_told(await jackpot.pool(pool.id))]
        for who in (one, one, two):
            await jackpot.entered(pool, who)
            counts.append(_told(await jackpot.pool(pool.id)))
        joined = [later - sooner for sooner, later in pairwise(counts)]
        wanted = zip(joined, (1, 0, 1), strict=True)
        return [int(counts[0] >= before), *[found - right for found, right in wanted]]

    await jackpot.repeatedly(
        attempt,
        "who took part before a fall does not afterwards; then each player does, once, however "
        "often they bet",
    )


def _told(pool: Pool) -> int:
    found = pool.shown.get("participants")
    if not isinstance(found, int):
        raise Unclear(f"the pool does not say how many take part: {dict(pool.shown)}")
    return found


CHECK = Check(
    id="jackpot.pool.participants",
    rules=("JP-14",),
    category=Category.HAPPY_PATH,
    about="The participants of a pool are the players who have a part in its cycle, each once.",
    drive=_drive,
)
