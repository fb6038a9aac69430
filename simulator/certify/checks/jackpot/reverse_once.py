"""A bet was rolled back."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        entered = await jackpot.entered(pool)
        first = await jackpot.send(jackpot.reverse_ask(entered.contrib))
        jackpot.accepted(first, "the reversal of a contribution")
        for _ in range(2):
            jackpot.repeated(first, await jackpot.again(first))
        later = await jackpot.send(jackpot.reverse_ask(entered.contrib))
        jackpot.require(
            later.ok or later.code == "DUPLICATE", f"a second reversal is answered, and {later}"
        )
        known = jackpot.given(await jackpot.read("contributions", entered.contrib))
        jackpot.require(known.at("status") == "reversed", f"it is reversed, and {known}")
        grown = await jackpot.grown(pool)
        return grown, entered.part.growth

    await jackpot.steadily(attempt, "a reversal takes out again what the contribution had put in")


CHECK = Check(
    id="jackpot.reverse.once",
    rules=(
        "WAL-96",
        "WAL-90",
    ),
    category=Category.ROLLBACK,
    level="smoke",
    about="Before the pool falls a reversal takes the contribution out again, once, however "
    "often it is sent.",
    drive=_drive,
)
