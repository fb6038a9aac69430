"""Chance."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    one_round = rgs.names.new("r")
    for what, round_id in (("", None), (" of one round", one_round)):
        found = []
        for _ in range(20):
            played = rgs.given(await rgs.spin(playing, round_id=round_id))
            found.append((played.at("outcome.symbols"), played.at("outcome.win")))
        same = all(one == found[0] for one in found)
        rgs.require(not same, f"twenty spins{what} do not all come to {str(found[0])[:200]}")


CHECK = Check(
    id="rgs.spin.varies",
    rules=("RGS-10",),
    category=Category.HAPPY_PATH,
    about="Twenty spins do not all come to the same, nor do twenty of one round.",
    blind="Whether chance is fair: that is for a laboratory.",
    drive=_drive,
)
