"""A spin that was never shown."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.contributing()
    before = await rgs.sums(playing)
    for _ in range(3):
        played = rgs.given(await rgs.spin(playing, playing.large))
        spin = str(played.at("spin_id"))
        rgs.accepted(await rgs.send(rgs.void_ask(spin)), "making a spin void")
        await rgs.counted(playing, before)
        read = rgs.accepted(await rgs.look("spins", spin), "reading a void spin")
        rgs.require(read.at("status") == "void", f"its status is void, and {read}")
        gone = rgs.total(playing, read, "jackpot_contribution")
        back = rgs.total(playing, read, "jackpot_reversal")
        rgs.require(gone == back, f"its contributions are reversed, and {read}")
        again = await rgs.send(rgs.void_ask(spin))
        rgs.require(not again.lost and again.status < 500, f"again it is answered, and {again}")
        read = await rgs.look("spins", spin)
        back = rgs.total(playing, read, "jackpot_reversal")
        rgs.require(gone == back, f"they are reversed once, and {read}")
        await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.void.once",
    rules=(
        "RGS-42",
        "RGS-64",
    ),
    category=Category.ROLLBACK,
    about="A void spin counts nowhere, its contributions are reversed, and it is void once.",
    drive=_drive,
)
