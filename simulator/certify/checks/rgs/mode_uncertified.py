"""A mode that is not on."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs, texts


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    allowed = texts(playing.opened.at("modes"))
    others = {
        mode for one in rgs.items(await rgs.listed("games")) for mode in texts(one.get("modes"))
    }
    known = sorted(others.difference(allowed)) if allowed else []
    for mode in (*known, "buy_everything"):
        rgs.refused(await rgs.spin(playing, mode=mode), what=f"a spin of mode {mode}")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.mode.uncertified",
    rules=("RGS-23",),
    category=Category.LIMITS,
    about="A mode that the session’s build does not have is refused.",
    drive=_drive,
)
