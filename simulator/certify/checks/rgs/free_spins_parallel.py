"""The last free spin races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    for _ in range(3):
        playing = await rgs.playing()
        grant = rgs.names.new("g")
        rgs.given(await rgs.send(rgs.grant_ask(playing, 1, grant)))
        asks = [
            rgs.spin_ask(playing, spin_type="free", grant_id=grant)
            for _ in range(rgs.config.parallel)
        ]
        played = [(await rgs.known(done)).ok for done in await rgs.together(asks)].count(True)
        rgs.require(played == 1, f"one of them is played, and {played} were")


CHECK = Check(
    id="rgs.free-spins.parallel",
    rules=("RGS-40",),
    category=Category.CONCURRENCY,
    about="The last free spin of a grant is consumed once, however many ask for it at once.",
    drive=_drive,
)
