"""You have played for half an hour."""

from datetime import datetime

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.in_market(
        "reminder_min", lambda minutes: isinstance(minutes, int) and minutes < 60
    )
    due, ends = (playing.opened.at(name) for name in ("rg.reminder_due_at", "expires_at"))
    reminder = playing.opened.at("rg.reminder_id")
    if not due or not reminder:
        raise Unclear(f"the session tells of no reminder: {playing.opened}")
    due_s = datetime.fromisoformat(str(due)).timestamp()
    if ends and datetime.fromisoformat(str(ends)).timestamp() <= due_s + 60:
        raise Unclear(f"the session ends before its reminder is due: {playing.opened}")
    left_s = int(due_s) - rgs.target.now_ns() // 1_000_000_000
    await rgs.hook(Need.ADVANCE_CLOCK, seconds=str(max(left_s, 0) + 5))
    done = await rgs.spin(playing)
    rgs.refused(done, what=f"a paid spin while a reminder waits since {due}")
    if rgs.profile.reality_check == "once":
        return
    wrong = await rgs.acknowledge(playing, f"{reminder}0")
    rgs.refused(wrong, what="the acknowledgement of another reminder")
    rgs.refused(await rgs.spin(playing), what="a paid spin while the reminder still waits")
    rgs.accepted(await rgs.acknowledge(playing, str(reminder)), "the acknowledgement of it")
    rgs.accepted(await rgs.spin(playing), "a paid spin after the reminder was acknowledged")


CHECK = Check(
    id="rgs.reminder.blocks",
    rules=(
        "RGS-30",
        "RGS-32",
        "WAL-65",
    ),
    category=Category.LIMITS,
    needs=(Need.ADVANCE_CLOCK, Need.PLAYER_KEY),
    about="A reminder that is due stops paid spins until it was acknowledged, it and no other.",
    drive=_drive,
)
