"""Another point each time."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.hidden import play
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    one = await play(jackpot)
    two = await play(jackpot)
    jackpot.require(
        one.salt != two.salt and one.published != two.published,
        f"point and salt are drawn anew when it falls: {one.trigger}; {two.trigger}",
    )


CHECK = Check(
    id="jackpot.hidden.anew",
    rules=(
        "WAL-93",
        "JP-32",
    ),
    category=Category.SECURITY,
    about="The hidden point is drawn anew on each reset, with another salt.",
    drive=_drive,
)
