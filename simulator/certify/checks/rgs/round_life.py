"""Several spins in one round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    round_id = rgs.names.new("r")
    before = await rgs.sums(playing)
    played = [
        rgs.accepted(await rgs.spin(playing, round_id=round_id), "another spin in an open round")
        for _ in range(3)
    ]
    await rgs.counted(playing, before, *played)
    read = rgs.accepted(await rgs.look("rounds", round_id), "reading a round")
    rgs.require(read.at("spins") == 3, f"it had 3 spins, and {read}")
    wins = sum(rgs.minor(one, "outcome.win") for one in played)
    rgs.require(rgs.minor(read, "won") == wins, f"its wins are those of its spins, and {read}")
    staked = rgs.minor(read, "staked", 3 * playing.low)
    rgs.require(staked == 3 * playing.low, f"its stakes are those of its spins, and {read}")
    rgs.given(await rgs.end_round(round_id))
    rgs.refused(await rgs.spin(playing, round_id=round_id), what="a spin in a round that has ended")
    await rgs.counted(playing, before, *played)


CHECK = Check(
    id="rgs.round.life",
    rules=(
        "RGS-03",
        "WAL-60",
    ),
    category=Category.HAPPY_PATH,
    about="A round holds several spins, each with an outcome of its own, and none after its end.",
    drive=_drive,
)
