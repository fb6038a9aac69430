"""A spin_id again, under another key."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    for _ in range(3):
        spin, round_id = rgs.names.new("spin"), rgs.names.new("r")
        first = rgs.given(await rgs.spin(playing, spin=spin, round_id=round_id))
        rgs.once_or_refused(first, await rgs.spin(playing, spin=spin, round_id=round_id))
        await rgs.counted(playing, before, first)
        before = await rgs.sums(playing)


CHECK = Check(
    id="rgs.spin.new-key",
    rules=(
        "RGS-03",
        "RGS-50",
    ),
    category=Category.IDEMPOTENCY,
    about="A known spin under a new key is not played again.",
    drive=_drive,
)
