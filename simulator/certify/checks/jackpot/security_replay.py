"""Signed once, sent twice."""

from functools import partial

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        fresh = partial(jackpot.contribute_ask, pool, player, part.stake)
        await questions.signed_at_another_time(jackpot, fresh)
        await questions.nonce_used_twice(jackpot, fresh)
        return await jackpot.off(pool, part)

    await jackpot.steadily(attempt, "of all these one contribution has landed")


CHECK = Check(
    id="jackpot.security.replay",
    rules=("WAL-71",),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signed request is good once, and only near its time.",
    when=lambda profile: profile.signature == "whole_request",
    drive=_drive,
)
