"""Left alone."""

from datetime import datetime

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.roles.rgs import Rgs

LONGEST_S = 2 * 86_400
"""The clock is moved no further."""


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    ends = playing.opened.at("expires_at")
    if not ends:
        raise Unclear(f"the session does not say when it expires: {playing.opened}")
    rgs.given(await rgs.spin(playing))
    before = await rgs.sums(playing)
    end_s = datetime.fromisoformat(str(ends)).timestamp()
    left_s = int(end_s) - rgs.target.now_ns() // 1_000_000_000
    if left_s > LONGEST_S:
        raise Unclear(f"the session expires in {left_s} s only")
    await rgs.hook(Need.ADVANCE_CLOCK, seconds=str(max(left_s, 0) + 5))
    reminder = playing.opened.at("rg.reminder_id")
    if reminder:  # it is not what stops the next spin
        await rgs.acknowledge(playing, str(reminder))
    rgs.refused(await rgs.spin(playing), what=f"a spin in a session that has expired at {ends}")
    await rgs.counted(playing, before)
    rgs.accepted(await rgs.spin(await rgs.playing()), "a spin in a new session")


CHECK = Check(
    id="rgs.session.expires",
    rules=(
        "RGS-32",
        "WAL-14",
    ),
    category=Category.LIMITS,
    needs=(Need.ADVANCE_CLOCK,),
    about="No spin is played in a session that has expired.",
    drive=_drive,
)
