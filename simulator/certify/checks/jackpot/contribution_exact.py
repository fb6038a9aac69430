"""Nothing is lost in rounding."""

from math import ceil

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot

PARTS = (107, 133, 149, 101, 250, 199, 7_345, 167, 150)
"""Stakes, in hundredths of the least that contributes a minor unit."""


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool, taken, stakes = await jackpot.by_call(), 0, 0
        rate = pool.rate
        if rate is None:
            raise Unclear(f"pool {pool.id} does not tell its rate")
        player, terms = await jackpot.player(currency=pool.currency), await jackpot.terms(pool)
        for part in PARTS:
            stake = min(max(ceil(part / rate / 100), terms.least), terms.most)
            ask = jackpot.contribute_ask(pool, player, stake)
            done = jackpot.accepted(await jackpot.send(ask), "a contribution after others")
            found, exact = jackpot.minor(done, "contribution"), stake * rate
            jackpot.require(
                exact - 1 < found < exact + 1,
                f"{rate} of {pool.money(stake)}, with what is carried, is less than a minor unit "
                f"off {exact}, and {done}",
            )
            taken, stakes = taken + found, stakes + stake
        exact = stakes * rate
        off = taken - exact
        return (0 if -1 < off < 1 else round(off)), 0

    await jackpot.steadily(
        attempt,
        "what is less than a minor unit is carried, so a series of stakes is the rate of their sum",
    )


CHECK = Check(
    id="jackpot.contribution.exact",
    rules=(
        "WAL-91",
        "JP-10",
    ),
    category=Category.HAPPY_PATH,
    about="Contributions are exactly the rate of the stakes: what is less than a minor unit "
    "is carried to the next one.",
    blind="A remainder that is lost when the pool falls.",
    drive=_drive,
)
