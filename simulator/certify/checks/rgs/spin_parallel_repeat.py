"""A spin races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    for _ in range(3):
        playing = await rgs.playing()
        before = await rgs.sums(playing)
        half = rgs.config.parallel // 2
        spin, round_id = rgs.names.new("spin"), rgs.names.new("r")
        one, *others = (
            rgs.spin_ask(playing, spin=spin, round_id=round_id) for _ in range(half + 1)
        )
        answers = [await rgs.known(done) for done in await rgs.together([one] * half + others)]
        played = [done for done in answers if done.ok]
        rgs.require(played, f"one of them is played, and {answers[0]}")
        for done in answers:
            rgs.once_or_refused(played[0], done)
        await rgs.counted(playing, before, played[0])


CHECK = Check(
    id="rgs.spin.parallel-repeat",
    rules=(
        "RGS-03",
        "RGS-50",
    ),
    category=Category.CONCURRENCY,
    level="smoke",
    about="One spin, sent many times at once, is played once and has one outcome.",
    drive=_drive,
)
