"""Ask the target itself."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    _, fell = await jackpot.fallen(pool)
    await jackpot.settled(str(fell.at("jp_payout_id")))
    said = await jackpot.hook(Need.RECONCILE)
    verdict = said.get("sound", said.get("verdict", True))
    jackpot.require(
        verdict is True or verdict == "sound",
        f"the books have to be sound, and the target says {str(said)[:500]}",
    )


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
