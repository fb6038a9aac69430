"""Another point each time."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.hidden import play
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    one = await play(jackpot)
    two = await play(jackpot)
    if one.point == two.point:  # chance does that once in so many points, and not twice
        third = await play(jackpot)
        jackpot.require(
            third.point != one.point or one.low == one.high,
            f"three falls in a row do not have one point, {one.point}: {third.trigger}",
        )
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
