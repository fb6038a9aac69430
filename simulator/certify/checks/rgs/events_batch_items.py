"""Some good, one wrong."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    good = [rgs.item(playing) for _ in range(2)]
    wrong = rgs.item(playing, stake="much")
    done = await rgs.send(rgs.batch_ask(good[0], wrong, good[1]))
    rgs.accepted(done, "a batch with two good items and a wrong one")
    states = rgs.states(done)
    rgs.require(
        states == ["accepted", "refused", "accepted"],
        f"the first and the third are accepted and the second is refused, and {done}",
    )
    again = rgs.states(rgs.accepted(await rgs.send(rgs.batch_ask(*good)), "the good items again"))
    rgs.require(again == ["repeated", "repeated"], f"the good ones were counted, and now {again}")


CHECK = Check(
    id="rgs.events.batch-items",
    rules=("RGS-04",),
    category=Category.HAPPY_PATH,
    about="Each item of a batch is judged for itself.",
    drive=_drive,
)
