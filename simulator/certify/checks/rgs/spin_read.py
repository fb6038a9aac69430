"""A spin is kept."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    for _ in range(3):
        ask = rgs.spin_ask(playing)
        played = rgs.given(await rgs.send(ask))
        read = rgs.accepted(await rgs.look("spins", str(played.at("spin_id"))), "reading a spin")
        rgs.alike(played, read)
        rgs.require(read.at("build_hash") == playing.entry.build, f"it names its build, and {read}")
        rgs.require(rgs.minor(read, "stake") == playing.low, f"it has its stake, and {read}")
        for name in ("record.seed_fingerprint", "record.nonce", "record.mechanics_version"):
            rgs.require(read.at(name), f"there is a {name}, and {read}")


CHECK = Check(
    id="rgs.spin.read",
    rules=(
        "RGS-11",
        "RGS-20",
    ),
    category=Category.HAPPY_PATH,
    about="A spin is read as it was answered, with its seed’s fingerprint, nonce, mechanics "
    "version and build.",
    drive=_drive,
)
