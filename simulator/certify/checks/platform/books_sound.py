"""Ask the target itself."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    _player, _session, _round_id, _bet, _before = await platform.begun(200)
    said = await platform.hook(Need.RECONCILE)
    verdict = said.get("sound", said.get("verdict", True))
    platform.require(
        verdict is True or verdict == "sound",
        f"the books have to be sound, and the target says {str(said)[:500]}",
    )


CHECK = Check(
    id="platform.books.sound",
    rules=("SBX-11",),
    category=Category.RECOVERY,
    needs=(Need.RECONCILE,),
    about="After everything that was done to it the target finds its own books sound.",
    drive=_drive,
)
