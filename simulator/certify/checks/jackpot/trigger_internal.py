"""A pool that nobody else lets fall."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.of_trigger("amount", "chance", "time")
    entered = await jackpot.entered(pool)
    trigger = jackpot.names.new("t")
    ask = jackpot.trigger_ask(pool, entered.player, entered.round_id, trigger=trigger)
    what = f"a call to trigger a pool that falls by {pool.trigger}"
    jackpot.refused(await jackpot.send(ask), what=what)
    done = await jackpot.read("triggers", trigger)
    jackpot.refused(done, what="reading a fall that was refused")


CHECK = Check(
    id="jackpot.trigger.internal",
    rules=(
        "JP-30",
        "JP-31",
    ),
    category=Category.SECURITY,
    about="A pool that the service lets fall by chance, amount or time is triggered by "
    "nobody else.",
    drive=_drive,
)
