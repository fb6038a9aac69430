"""The stake comes back."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.filled(10)
    before = await rgs.sums(playing)
    for _ in range(3):
        spin = str(rgs.given(await rgs.spin(playing)).at("spin_id"))
        asks = [rgs.void_ask(spin) for _ in range(rgs.config.parallel)]
        done = [await rgs.known(one) for one in await rgs.together(asks)]
        rgs.require(any(one.ok for one in done), f"one of them makes it void, and {done[0]}")
        await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.void.gives-back",
    rules=(
        "RGS-06",
        "RGS-42",
    ),
    category=Category.ROLLBACK,
    about="A void spin gives stake and win of a session that keeps its money back, once, also when "
    "it is asked for many times at once.",
    drive=_drive,
)
