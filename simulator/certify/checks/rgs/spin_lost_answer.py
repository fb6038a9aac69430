"""We hang up before the answer."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    for _ in range(3):
        playing = await rgs.playing()
        before = await rgs.sums(playing)
        ask = rgs.spin_ask(playing)
        await rgs.send(ask, manner=Manner(hang_up=True))
        done = await rgs.known(await rgs.send(ask))
        rgs.accepted(done, "the repeat of a spin whose answer was lost")
        await rgs.counted(playing, before, done)


CHECK = Check(
    id="rgs.spin.lost-answer",
    rules=(
        "WAL-72",
        "RGS-51",
    ),
    category=Category.RECOVERY,
    about="A spin whose answer was lost is repeated with its key and played once.",
    drive=_drive,
)
