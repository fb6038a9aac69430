"""Ask the target itself."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.questions import books_are_sound
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    _player, _session, _round_id, _bet, _before = await platform.begun(200)
    await books_are_sound(platform)


CHECK = Check(
    id="platform.books.sound",
    rules=("SBX-11",),
    category=Category.RECOVERY,
    needs=(Need.RECONCILE,),
    about="After everything that was done to it the target finds its own books sound.",
    drive=_drive,
)
