"""A void spin, wherever it had counted."""

from simulator.certify.check import Category, Check
from simulator.certify.drive import Done
from simulator.certify.roles import tournaments
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing, round_id = await rgs.playing(), rgs.names.new("r")
    stands, gone = [rgs.given(await rgs.spin(playing, round_id=round_id)) for _ in range(2)]
    await _void(rgs, gone)
    read = rgs.accepted(await rgs.look("rounds", round_id), "reading a round")
    sums = (read.at("spins"), rgs.minor(read, "staked", playing.low), rgs.minor(read, "won"))
    rgs.require(
        sums == (1, playing.low, rgs.minor(stands, "outcome.win")),
        f"of two spins of a round one is void, so it has the other’s sums, and {read}",
    )
    grant = rgs.names.new("g")
    rgs.given(await rgs.send(rgs.grant_ask(playing, 2, grant)))
    await _void(rgs, rgs.given(await rgs.spin(playing, spin_type="free", grant_id=grant)))
    read = rgs.accepted(await rgs.look("free-spins", grant), "reading a grant")
    rgs.require(
        (read.at("left"), rgs.minor(read, "won")) == (2, 0),
        f"a free spin that is void was not consumed and has won nothing, and {read}",
    )
    race = await tournaments.opened(rgs, playing)
    await _void(rgs, rgs.given(await tournaments.play(rgs, playing, race)))
    rgs.given(await tournaments.play(rgs, playing, race))
    await tournaments.require_counted(rgs, playing, race, 1)


async def _void(rgs: Rgs, played: Done) -> None:
    done = await rgs.send(rgs.void_ask(str(played.at("spin_id"))))
    rgs.accepted(done, "making a spin void that was never shown")


CHECK = Check(
    id="rgs.void.everywhere",
    rules=(
        "RGS-40",
        "RGS-41",
        "RGS-64",
    ),
    category=Category.ROLLBACK,
    about="A void spin counts neither in its round, nor as a free spin, nor in its tournament.",
    drive=_drive,
)
