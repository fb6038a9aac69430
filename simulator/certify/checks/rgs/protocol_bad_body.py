"""What is no request."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    await questions.bad_bodies(rgs, rgs.spin_ask(playing))
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.protocol.bad-body",
    rules=(
        "WAL-77",
        "WAL-76",
        "RGS-50",
    ),
    category=Category.PROTOCOL,
    about="What is no valid body is a 4xx in the error model, never a 5xx, and plays nothing.",
    drive=_drive,
)
