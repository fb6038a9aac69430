"""A known id under another key."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
        same = jackpot.same_contribution(pool, player)
        for _ in range(3):
            done = await jackpot.send(same(part.stake))
            jackpot.require(
                done.ok or done.code == "DUPLICATE", f"a known id is answered for good, and {done}"
            )
        return await jackpot.off(pool, part)

    await jackpot.steadily(attempt, "one jp_contrib_id makes its pool grow once, whatever the key")


CHECK = Check(
    id="jackpot.contribution.new-key",
    rules=(
        "WAL-90",
        "PRV-32",
        "JP-02",
    ),
    category=Category.IDEMPOTENCY,
    about="A known jp_contrib_id under a new key makes the pool grow no further.",
    drive=_drive,
)
