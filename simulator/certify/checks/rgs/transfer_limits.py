"""More than there is."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.filled(1)
    before = await rgs.sums(playing)
    more = await rgs.send(rgs.transfer_ask(playing, "out", 2 * playing.low))
    rgs.refused(more, what="taking out more than there is")
    if playing.other > playing.low:
        done = await rgs.spin(playing, playing.other)
        rgs.refused(done, what="a stake above what the session keeps")
    less = await rgs.send(rgs.transfer_ask(playing, "in", -playing.low))
    rgs.refused(less, what="bringing in less than nothing")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.transfer.limits",
    rules=(
        "RGS-06",
        "WAL-83",
    ),
    category=Category.LIMITS,
    about="Nobody stakes or takes out more than the session keeps.",
    drive=_drive,
)
