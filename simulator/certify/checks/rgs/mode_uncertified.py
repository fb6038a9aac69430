"""A mode that is not on."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    allowed = set(playing.opened.at("modes") or ())
    listed = (await rgs.listed("games")).at("items") or []
    every = {mode for one in listed for mode in one.get("modes", ())}
    for mode in [*sorted(every - allowed), "buy_everything"] if allowed else ["buy_everything"]:
        rgs.refused(await rgs.spin(playing, mode=mode), what=f"a spin of mode {mode}")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.mode.uncertified",
    rules=("RGS-23",),
    category=Category.LIMITS,
    about="A mode that the session’s build does not have is refused.",
    drive=_drive,
)
