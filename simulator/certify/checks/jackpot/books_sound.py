"""Ask the target itself."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.questions import books_are_sound
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    _, fell = await jackpot.fallen(pool)
    await jackpot.settled(str(fell.at("jp_payout_id")))
    await books_are_sound(jackpot)


CHECK = Check(
    id="jackpot.books.sound",
    rules=(
        "JP-52",
        "SBX-11",
        "WAL-91",
    ),
    category=Category.RECOVERY,
    needs=(Need.RECONCILE,),
    about="After everything that was done to it the target finds its own books sound.",
    drive=_drive,
)
