"""Other terms, later."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    old = await jackpot.part(pool)
    if pool.rate is None or pool.rate * 2 > 1:
        raise Unclear(f"the rate of pool {pool.id} cannot be doubled")
    entered = await jackpot.entered(pool)
    twice = {"numerator": pool.rate.numerator * 2, "denominator": pool.rate.denominator}
    once = {"numerator": pool.rate.numerator, "denominator": pool.rate.denominator}

    async def counts(contribution: int, when: str) -> None:
        ask = jackpot.contribute_ask(pool, entered.player, old.stake)
        done = jackpot.accepted(await jackpot.send(ask), f"a contribution {when}")
        jackpot.require(
            jackpot.minor(done, "contribution") == contribution,
            f"{when} {pool.money(old.stake)} contribute {pool.money(contribution)}, and {done}",
        )

    jackpot.given(await jackpot.send(jackpot.change_ask(pool, "terms", rate=twice)))
    try:
        await counts(old.contribution, "under the terms before the fall")
        await jackpot.fallen(pool, entered.player)
        await counts(old.contribution * 2, "under the new terms, after the fall,")
    finally:
        await jackpot.send(jackpot.change_ask(pool, "terms", rate=once))
        await jackpot.fallen(pool, entered.player)
    await counts(old.contribution, "under the old terms again")


CHECK = Check(
    id="jackpot.terms.next-cycle",
    rules=(
        "JP-71",
        "WAL-91",
    ),
    category=Category.LIMITS,
    about="Changed terms take effect when the pool falls: nobody who has contributed under "
    "one formula wins or loses under another.",
    drive=_drive,
)
