"""After a lost connection."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    round_id = rgs.names.new("r")
    rgs.given(await rgs.spin(playing, round_id=round_id))
    done = await rgs.listed(f"rounds?session_id={playing.session}&status=open")
    rgs.accepted(done, "the list of open rounds of a session")
    found = [one.get("round_id") for one in rgs.items(done)]
    rgs.require(round_id in found, f"the open round is listed, and {done}")
    rgs.accepted(await rgs.spin(playing, round_id=round_id), "a spin in the round that is open")


CHECK = Check(
    id="rgs.round.found-again",
    rules=("WAL-64",),
    category=Category.RECOVERY,
    about="An open round is found by its session, and goes on.",
    drive=_drive,
)
