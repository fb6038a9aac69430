"""The race is over."""

from datetime import timedelta

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles import tournaments
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    ends = tournaments.moment(rgs, timedelta(seconds=60))
    name = await tournaments.opened(rgs, playing, ends_at=ends)
    goes_on = await tournaments.opened(rgs, playing)
    rgs.given(await tournaments.play(rgs, playing, name))
    await rgs.hook(Need.ADVANCE_CLOCK, seconds="90")
    rgs.given(await tournaments.play(rgs, playing, goes_on))
    late = await tournaments.play(rgs, playing, name)
    rgs.refused(late, what=f"a spin of a tournament that has ended at {ends}")
    await tournaments.require_counted(rgs, playing, name, 1)


CHECK = Check(
    id="rgs.tournament.closes",
    rules=("RGS-41",),
    category=Category.LIMITS,
    needs=(Need.ADVANCE_CLOCK,),
    about="After its end a tournament takes no spin, and stands as it stood.",
    drive=_drive,
)
