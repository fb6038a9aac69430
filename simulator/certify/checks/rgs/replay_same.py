"""Played again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    played = [rgs.given(await rgs.spin(playing)) for _ in range(4)]
    before = await rgs.sums(playing)
    for first in played:
        spin = str(first.at("spin_id"))
        replay = await rgs.look("spins", f"{spin}/replay")
        rgs.accepted(replay, "the replay of a spin")
        rgs.alike(first, replay)
        rgs.require(replay.at("same") is not False, f"it is the same, and {replay}")
        read = await rgs.look("spins", spin)
        for name in ("record.nonce", "record.mechanics_version"):
            rgs.require(
                replay.at(name) == read.at(name),
                f"{name} is that of the spin, {read.at(name)}, and {replay}",
            )
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.replay.same",
    rules=(
        "RGS-11",
        "RGS-12",
    ),
    category=Category.RECOVERY,
    about="A spin that is played again comes to the same, by the same mechanics, and counts "
    "nothing.",
    blind="Whether the same seed gives the same on another machine: that is for the target’s own "
    "tests.",
    drive=_drive,
)
