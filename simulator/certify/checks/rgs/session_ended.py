"""After the end."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    rgs.given(await rgs.spin(playing))
    before = await rgs.sums(playing)
    rgs.given(await rgs.end_session(playing.session))
    rgs.refused(await rgs.spin(playing), what="a spin in a session that has ended")
    await rgs.counted(playing, before)
    unknown = await rgs.spin(playing, session_id=rgs.names.new("s"))
    rgs.refused(unknown, what="a spin in a session that never was")


CHECK = Check(
    id="rgs.session.ended",
    rules=(
        "RGS-03",
        "RGS-32",
    ),
    category=Category.LIMITS,
    about="No spin is played in a session that has ended, or in one that never was.",
    drive=_drive,
)
