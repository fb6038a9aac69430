"""The same id, other parameters."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        contrib, key = jackpot.names.new("c"), jackpot.names.new("k")
        ask = jackpot.same_contribution(pool, player, contrib)
        jackpot.given(await jackpot.send(ask(part.stake, key=key)))
        done = await jackpot.send(ask(part.stake * 2, key=key))
        jackpot.refused(done, what="another stake under a key that was used")
        done = await jackpot.send(ask(part.stake * 2))
        jackpot.refused(done, what="another stake under a known jp_contrib_id")
        known = jackpot.given(await jackpot.read("contributions", contrib))
        jackpot.require(
            jackpot.minor(known, "contribution") == part.contribution, f"it stays, and {known}"
        )
        return await jackpot.off(pool, part)

    await jackpot.steadily(attempt, "what is refused makes no pool grow")


CHECK = Check(
    id="jackpot.contribution.altered",
    rules=(
        "WAL-90",
        "PRV-31",
        "PRV-32",
    ),
    category=Category.IDEMPOTENCY,
    about="A known key or jp_contrib_id with another stake is refused, and nothing of it is "
    "recorded.",
    drive=_drive,
)
