"""Excluded from the beginning."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    done = await rgs.open(entry, rg_flags={"self_excluded": True})
    if not done.ok:
        rgs.refused(done, "RG_BLOCKED", "RG_BLOCK", what="a session of a self-excluded player")
        return
    playing = await rgs.playing(entry, rg_flags={"self_excluded": True})
    spin = await rgs.spin(playing)
    rgs.refused(spin, "RG_BLOCKED", "RG_BLOCK", what="a paid spin of a self-excluded player")
    rgs.require(spin.status == 403, f"it is 403, and {spin}")


CHECK = Check(
    id="rgs.excluded.flags",
    rules=(
        "RGS-01",
        "RGS-31",
    ),
    category=Category.LIMITS,
    needs=(Need.CREATE_PLAYER,),
    about="Who comes with self_excluded plays no paid spin.",
    drive=_drive,
)
