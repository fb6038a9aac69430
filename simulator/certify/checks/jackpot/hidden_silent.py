"""Nobody knows the point."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.hidden import play, told
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    fall = await play(jackpot, ask_around=True)
    for done in fall.seen:
        found = told(done, fall.point, fall.salt)
        jackpot.require(
            not found, f"nothing tells the point before the fall, and {found} does: {done}"
        )
    jackpot.require(fall.seen, "something was asked before the fall")


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
