"""Excluded, says the token."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    await rgs.keeps_out(await rgs.own_entry(rg_flags={"self_excluded": True}))


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
