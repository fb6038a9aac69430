"""Excluded from the beginning."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    await rgs.keeps_out(await rgs.entry(), rg_flags={"self_excluded": True})


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
