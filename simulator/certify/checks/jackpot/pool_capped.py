"""The shown value holds."""

from math import ceil

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot

STEPS = 12


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    if pool.cap is None or pool.rate is None:
        raise Unclear(f"pool {pool.id} has no cap; name one that has as pool_id")
    terms = await jackpot.terms(pool)
    player = await jackpot.player(currency=pool.currency)
    room = pool.cap - pool.size
    about = min(terms.most, ceil((room + 1) / (pool.rate * terms.current)))
    round_id = jackpot.names.new("r")
    for _ in range(STEPS):
        ask = jackpot.contribute_ask(pool, player, about, round_id=round_id)
        jackpot.given(await jackpot.send(ask))
        now = await jackpot.pool(pool.id)
        jackpot.require(
            now.size <= pool.cap,
            f"it shows no more than its cap, {pool.money(pool.cap)}, and {pool.money(now.size)}",
        )
        if now.size == pool.cap:
            break
    else:
        raise Unclear(f"{STEPS} stakes of {pool.money(about)} do not fill pool {pool.id}")
    part = await jackpot.part(pool)
    done = jackpot.accepted(
        await jackpot.send(jackpot.contribute_ask(pool, player, part.stake)),
        "a contribution to a pool at its cap",
    )
    jackpot.require(
        jackpot.minor(done, "contribution") == part.contribution,
        f"the stake's rate is still {pool.money(part.contribution)}, and {done}",
    )
    held = await jackpot.pool(pool.id)
    jackpot.require(held.size == pool.cap, f"it holds at its cap: {dict(held.shown)}")
    fell = jackpot.accepted(await jackpot.send(jackpot.trigger_ask(pool, player, round_id)))
    jackpot.require(
        jackpot.minor(fell, "amount") == pool.cap,
        f"it pays what it shows, {pool.money(pool.cap)}, and {fell}",
    )


CHECK = Check(
    id="jackpot.pool.capped",
    rules=(
        "WAL-92",
        "JP-31",
    ),
    category=Category.LIMITS,
    about="At its cap a pool shows and pays the cap; contributions go on and are the excess’s.",
    blind="Where the excess goes to.",
    drive=_drive,
)
