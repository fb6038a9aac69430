"""Nobody knows the point."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.hidden import play
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    leaks = (await play(jackpot, ask_around=True)).leaks()
    if leaks:  # a number may be the point's by chance, but not twice
        again = (await play(jackpot, ask_around=True)).leaks()
        leaks = {place: done for place, done in again.items() if place in leaks}
    for place, done in leaks.items():
        jackpot.require(False, f"nothing tells the point before the fall, and {place} does: {done}")
    jackpot.require(True, "nothing has told it")


CHECK = Check(
    id="jackpot.hidden.silent",
    rules=(
        "WAL-93",
        "JP-31",
        "JP-35",
    ),
    category=Category.SECURITY,
    about="Before the fall neither point nor salt is in any answer, event or refusal.",
    blind="Answers that were given to others.",
    drive=_drive,
)
