"""A spin_id again, with something else."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    spin, round_id = rgs.names.new("spin"), rgs.names.new("r")
    first = rgs.given(await rgs.spin(playing, spin=spin, round_id=round_id))
    higher = await rgs.spin(playing, playing.other, spin=spin, round_id=round_id)
    moved = await rgs.spin(playing, spin=spin)
    bonus = await rgs.spin(playing, spin=spin, round_id=round_id, spin_type="bonus")
    for what, done in (("stake", higher), ("round", moved), ("spin_type", bonus)):
        rgs.refused(done, what=f"a known spin with another {what}")
        rgs.require(done.status == 409, f"it is 409, and {done}")
    await rgs.counted(playing, before, first)


CHECK = Check(
    id="rgs.spin.altered-id",
    rules=(
        "RGS-03",
        "RGS-50",
    ),
    category=Category.IDEMPOTENCY,
    about="A known spin_id with another stake, round or type is refused with 409 under a new key "
    "too.",
    drive=_drive,
)
