"""The same spin again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    for _ in range(3):
        first = rgs.given(await rgs.spin(playing))
        rgs.repeated(first, await rgs.again(first))
        rgs.repeated(first, await rgs.again(first))
        await rgs.counted(playing, before, first)
        before = await rgs.sums(playing)


CHECK = Check(
    id="rgs.spin.repeat",
    rules=(
        "RGS-03",
        "RGS-50",
        "PRV-30",
    ),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A repeated spin is answered with its first result, and nothing is played.",
    drive=_drive,
)
