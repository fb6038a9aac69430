"""The round’s id as a key."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    round_id = rgs.names.new("r")
    done = await rgs.spin(playing, round_id=round_id, key=round_id)
    rgs.refused(done, what="a spin whose key is its round_id")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.spin.round-key",
    rules=("RGS-03",),
    category=Category.IDEMPOTENCY,
    about="A bare round_id is refused as the key of a spin: a round may hold several.",
    drive=_drive,
)
