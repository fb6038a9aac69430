"""An item again."""

from simulator.certify.check import Category, Check
from simulator.certify.money import write
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.rgs_asks import Playing


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
    await _known_as_played(rgs, playing)


async def _known_as_played(rgs: Rgs, playing: Playing) -> None:
    """Judge an item of a spin that the server has played and told of itself."""
    spin, round_id = rgs.names.new("spin"), rgs.names.new("r")
    played = rgs.given(await rgs.spin(playing, spin=spin, round_id=round_id))
    win = write(rgs.minor(played, "outcome.win"), playing.player.currency, "decimal_number")
    own = rgs.item(playing, spin_id=spin, round_id=round_id, win=win)
    done = rgs.accepted(await rgs.send(rgs.batch_ask(own)), "a batch of an item")
    rgs.require(
        rgs.states(done) != ["accepted"], f"a spin that was played here counts once, and {done}"
    )


CHECK = Check(
    id="rgs.events.batch-repeat",
    rules=(
        "PRV-43",
        "RGS-04",
    ),
    category=Category.IDEMPOTENCY,
    about="A repeated item is not counted twice, nor one of a spin that was played here; with "
    "another win it is refused.",
    drive=_drive,
)
