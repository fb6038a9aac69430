"""More spins at once than there is money for."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    for _ in range(3):
        playing = await rgs.filled(2)
        before = await rgs.sums(playing)
        asks = [rgs.spin_ask(playing) for _ in range(rgs.config.parallel)]
        answers = [await rgs.known(done) for done in await rgs.together(asks)]
        played = [done for done in answers if done.ok]
        left = 2 * playing.low
        for win in sorted((rgs.minor(done, "outcome.win") for done in played), reverse=True):
            rgs.require(
                left >= playing.low,
                f"{len(played)} spins of {playing.player.money(playing.low)} were played, and in "
                "no order were there stakes for all of them",
            )
            left += win - playing.low
        await rgs.counted(playing, before, *played)


CHECK = Check(
    id="rgs.spin.parallel-overdraw",
    rules=(
        "RGS-06",
        "WAL-11",
    ),
    category=Category.CONCURRENCY,
    about="Spins at once never stake more than the session keeps.",
    drive=_drive,
)
