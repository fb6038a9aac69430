"""Something else under a used key."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    key, spin, round_id = (rgs.names.new(kind) for kind in ("k", "spin", "r"))
    first = rgs.given(await rgs.spin(playing, key=key, spin=spin, round_id=round_id))
    higher = await rgs.spin(playing, playing.other, key=key, spin=spin, round_id=round_id)
    moved = await rgs.spin(playing, key=key, spin=spin, round_id=rgs.names.new("r"))
    other = await rgs.spin(playing, key=key, round_id=round_id)
    for what, done in (("stake", higher), ("round", moved), ("spin", other)):
        rgs.refused(done, what=f"another {what} under a used key")
        rgs.require(done.status == 409, f"it is 409, and {done}")
    await rgs.counted(playing, before, first)
    rgs.repeated(first, await rgs.again(first))


CHECK = Check(
    id="rgs.spin.altered-under-key",
    rules=(
        "RGS-50",
        "WAL-07",
    ),
    category=Category.IDEMPOTENCY,
    about="Another stake, round or spin under a used key is refused with 409.",
    drive=_drive,
)
