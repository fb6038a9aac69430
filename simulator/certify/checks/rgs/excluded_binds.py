"""Excluded in the middle of play."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    first = rgs.given(await rgs.spin(playing))
    grant = rgs.names.new("g")
    rgs.given(await rgs.send(rgs.grant_ask(playing, 1, grant)))
    before = await rgs.sums(playing)
    rgs.given(await rgs.exclude(playing.player))
    done = await rgs.spin(playing)
    rgs.refused(done, "RG_BLOCKED", "RG_BLOCK", what="a paid spin of a self-excluded player")
    rgs.require(done.status == 403, f"it is 403, and {done}")
    await rgs.counted(playing, before)
    free = await rgs.spin(playing, spin_type="free", grant_id=grant)
    rgs.accepted(free, "a free spin that was given before")
    rgs.repeated(first, await rgs.again(first))


CHECK = Check(
    id="rgs.excluded.binds",
    rules=("RGS-31",),
    category=Category.LIMITS,
    level="smoke",
    needs=(Need.CREATE_PLAYER,),
    about="Self-exclusion binds at once: no new paid spin, and free spins that were given finish.",
    drive=_drive,
)
