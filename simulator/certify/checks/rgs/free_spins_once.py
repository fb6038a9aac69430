"""Free spins are consumed."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    grant = rgs.names.new("g")
    rgs.accepted(await rgs.send(rgs.grant_ask(playing, 2, grant)), "a grant of two free spins")
    wins = 0
    for left in (1, 0):
        done = await rgs.spin(playing, spin_type="free", grant_id=grant)
        rgs.accepted(done, "a free spin of a grant that has some left")
        wins += rgs.minor(done, "outcome.win")
        read = rgs.accepted(await rgs.look("free-spins", grant), "reading a grant")
        rgs.require(read.at("left") == left, f"{left} are left, and {read}")
        rgs.require(rgs.minor(read, "won") == wins, f"it says what they won, and {read}")
    third = await rgs.spin(playing, spin_type="free", grant_id=grant)
    rgs.refused(third, what="a third spin of a grant of two")
    none = await rgs.spin(playing, spin_type="free", grant_id=rgs.names.new("g"))
    rgs.refused(none, what="a spin of a grant that never was")


CHECK = Check(
    id="rgs.free-spins.once",
    rules=("RGS-40",),
    category=Category.HAPPY_PATH,
    about="A grant gives so many spins and no more, and says what is left.",
    drive=_drive,
)
