"""The pool falls."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> tuple[int | None, int]:
        pool = await jackpot.by_call()
        entered = await jackpot.entered(pool)
        full = await jackpot.pool(pool.id)
        ask = jackpot.trigger_ask(pool, entered.player, entered.round_id)
        fell = jackpot.accepted(
            await jackpot.send(ask), "a fall on a round with a part in the pool"
        )
        now = await jackpot.pool(pool.id)
        jackpot.require(now.hits > full.hits, f"it counts the hit: {full.hits}, then {now.hits}")
        jackpot.require(now.cycle > full.cycle, f"a cycle begins: {full.cycle}, then {now.cycle}")
        jackpot.require(fell.at("selection.player_id") == entered.player.id, f"who won, and {fell}")
        jackpot.require(isinstance(fell.at("jp_payout_id"), str), f"an obligation, and {fell}")
        paid = jackpot.accepted(await jackpot.read("payouts", str(fell.at("jp_payout_id"))))
        owed = jackpot.minor(fell, "amount")
        jackpot.require(
            jackpot.minor(paid, "amount") == owed, f"it is owed what has fallen: {fell}; {paid}"
        )
        jackpot.require(now.size < full.size, f"it begins anew with its seed: {dict(now.shown)}")
        off = owed - full.size
        return off or now.size - now.seed, entered.part.growth

    await jackpot.steadily(
        attempt, "what has fallen is all that was in the pool, and it begins anew with its seed"
    )


CHECK = Check(
    id="jackpot.trigger.once",
    rules=(
        "WAL-91",
        "WAL-94",
        "JP-12",
        "JP-34",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A fall owes the winner all that was in the pool, and the pool begins anew with "
    "its seed.",
    drive=_drive,
)
