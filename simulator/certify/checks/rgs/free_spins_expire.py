"""Given until tomorrow."""

from datetime import timedelta

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.tournaments import moment


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    short, lasting = rgs.names.new("g"), rgs.names.new("g")
    ends = moment(rgs, timedelta(seconds=60))
    rgs.given(await rgs.send(rgs.grant_ask(playing, 2, short, expires_at=ends)))
    rgs.given(await rgs.send(rgs.grant_ask(playing, 2, lasting)))
    rgs.given(await rgs.spin(playing, spin_type="free", grant_id=short))
    await rgs.hook(Need.ADVANCE_CLOCK, seconds="90")
    rgs.given(await rgs.spin(playing, spin_type="free", grant_id=lasting))
    late = await rgs.spin(playing, spin_type="free", grant_id=short)
    rgs.refused(late, what=f"a free spin of a grant that has ended at {ends}")


CHECK = Check(
    id="rgs.free-spins.expire",
    rules=("RGS-40",),
    category=Category.LIMITS,
    needs=(Need.ADVANCE_CLOCK,),
    about="A grant that was given until a time gives no spin after it.",
    drive=_drive,
)
