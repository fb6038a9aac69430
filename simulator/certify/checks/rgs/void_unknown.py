"""A spin that nobody knows."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    done = await rgs.send(rgs.void_ask(rgs.names.new("spin")))
    rgs.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.void.unknown",
    rules=("RGS-50",),
    category=Category.ROLLBACK,
    about="An unknown spin cannot be made void: a definite answer, and nothing moves.",
    drive=_drive,
)
