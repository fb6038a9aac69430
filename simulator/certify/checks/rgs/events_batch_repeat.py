"""An item again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    one, two = rgs.item(playing), rgs.item(playing)
    first = rgs.accepted(await rgs.send(rgs.batch_ask(one)), "a batch of a good item")
    rgs.require(rgs.states(first) == ["accepted"], f"it is accepted, and {first}")
    rgs.same(first, await rgs.again(first))
    mixed = rgs.accepted(await rgs.send(rgs.batch_ask(one, two, two)), "a batch of old and new")
    states = rgs.states(mixed)
    rgs.require(
        states == ["repeated", "accepted", "repeated"],
        f"only the second is new, and {mixed}",
    )
    other = rgs.item(playing, spin_id=one["spin_id"], round_id=one["round_id"], win=one["stake"])
    altered = rgs.accepted(await rgs.send(rgs.batch_ask(other)), "a batch of an altered item")
    rgs.require(rgs.states(altered) == ["refused"], f"an altered item is refused, and {altered}")


CHECK = Check(
    id="rgs.events.batch-repeat",
    rules=("RGS-04",),
    category=Category.IDEMPOTENCY,
    about="A repeated item is not counted twice; with another win it is refused.",
    drive=_drive,
)
