"""Excluded, says the token."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.own_entry(rg_flags={"self_excluded": True})
    done = await rgs.open(entry)
    if not done.ok:
        rgs.refused(done, "RG_BLOCKED", "RG_BLOCK", what="a session of a self-excluded player")
        return
    spin = await rgs.spin(await rgs.playing(entry))
    rgs.refused(spin, "RG_BLOCKED", "RG_BLOCK", what="a paid spin of a self-excluded player")
    rgs.require(spin.status == 403, f"it is 403, and {spin}")


CHECK = Check(
    id="rgs.excluded.token",
    rules=(
        "RGS-02",
        "RGS-31",
    ),
    category=Category.LIMITS,
    needs=(Need.PLAYER_KEY, Need.CREATE_PLAYER),
    about="Whose token says self_excluded plays no paid spin, whatever the body says.",
    drive=_drive,
)
