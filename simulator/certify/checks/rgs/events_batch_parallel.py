"""An item races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    for _ in range(3):
        playing = await rgs.playing()
        item = rgs.item(playing)
        asks = [rgs.batch_ask(item) for _ in range(rgs.config.parallel)]
        answers = [await rgs.known(done) for done in await rgs.together(asks)]
        states = [state for done in answers for state in rgs.states(rgs.accepted(done, "a batch"))]
        count = states.count("accepted")
        rgs.require(count == 1, f"one of the copies is counted, and {count} are")


CHECK = Check(
    id="rgs.events.batch-parallel",
    rules=("RGS-04",),
    category=Category.CONCURRENCY,
    about="One item in many batches at once is counted once.",
    drive=_drive,
)
