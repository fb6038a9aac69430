"""Too low, too high, off the step."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    questions = [("of zero", 0)]
    if playing.low > 1:
        questions.append(("below the least", playing.low - 1))
    if playing.high:
        questions.append(("above the most", playing.high + playing.step))
    if playing.step > 1:
        questions.append(("off the step", playing.low + 1))
    for what, minor in questions:
        done = await rgs.spin(playing, minor)
        rgs.refused(done, what=f"a stake {what}")
    await rgs.counted(playing, before)
    for minor in (playing.low, playing.high or playing.low):
        before = await rgs.sums(playing)
        done = rgs.accepted(await rgs.spin(playing, minor), "a stake at the limit")
        await rgs.counted(playing, before, done, stake=minor)


CHECK = Check(
    id="rgs.stake.limits",
    rules=(
        "RGS-21",
        "RGS-42",
    ),
    category=Category.LIMITS,
    about="A stake below the least, above the most or off the step is refused and counts nothing.",
    drive=_drive,
)
