"""What a tournament counts."""

from simulator.certify.check import Category, Check
from simulator.certify.roles import tournaments
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    name = await tournaments.opened(rgs, playing)
    rgs.given(await rgs.spin(playing))
    before = await rgs.sums(playing)
    await tournaments.require_counted(rgs, playing, name, 0)
    spin, in_round = rgs.names.new("spin"), rgs.names.new("r")
    named = {"spin_type": "tournament", "tournament_id": name}
    ask = rgs.spin_ask(playing, None, spin=spin, round_id=in_round, key=None, **named)
    rgs.accepted(await rgs.send(ask), "a spin of a tournament that runs")
    await tournaments.require_counted(rgs, playing, name, 1)
    await rgs.send(ask)
    await rgs.spin(playing, None, spin=spin, round_id=in_round, **named)
    await tournaments.require_counted(rgs, playing, name, 1)
    none = await tournaments.play(rgs, playing, rgs.names.new("tm"))
    rgs.refused(none, what="a spin of a tournament that never was")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.tournament.counts",
    rules=(
        "RGS-05",
        "RGS-41",
    ),
    category=Category.HAPPY_PATH,
    about="A leaderboard counts each spin of type tournament that names it once, no cash spin and "
    "no repeat, and such a spin is none of the session’s cash spins; a spin of a tournament that "
    "never was is refused.",
    drive=_drive,
)
