"""An hour is over."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs

LIMIT_MIN = 2


async def _drive(rgs: Rgs) -> None:
    flags = {"self_excluded": False, "time_limit_min": LIMIT_MIN}
    limited, free = await rgs.playing(rg_flags=flags), await rgs.playing()
    rgs.accepted(await rgs.spin(limited), "a spin before the time limit")
    before = await rgs.sums(limited)
    await rgs.hook(Need.ADVANCE_CLOCK, seconds=str(LIMIT_MIN * 60 + 10))
    rgs.given(await rgs.spin(free))
    late = await rgs.spin(limited)
    rgs.refused(late, what=f"a paid spin after the session’s time limit of {LIMIT_MIN} min")
    await rgs.counted(limited, before)


CHECK = Check(
    id="rgs.time-limit.binds",
    rules=(
        "RGS-01",
        "RGS-30",
        "WAL-65",
    ),
    category=Category.LIMITS,
    needs=(Need.ADVANCE_CLOCK,),
    about="When a session’s time limit is reached, no paid spin is played in it.",
    drive=_drive,
)
