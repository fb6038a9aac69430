"""A player is let in."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    done = await rgs.open(entry)
    rgs.accepted(done, "a session by a good token")
    for name, wanted in (
        ("session_id", entry.session),
        ("player_id", entry.player.id),
        ("game_id", entry.game),
        ("build_hash", entry.build),
        ("currency", entry.player.currency),
    ):
        rgs.require(done.at(name) == wanted, f"{name} is {wanted}, and {done}")
    read = rgs.accepted(await rgs.look("sessions", entry.session), "reading the session")
    rgs.require(read.at("status") == "open", f"its status is open, and {read}")


CHECK = Check(
    id="rgs.session.once",
    rules=(
        "RGS-01",
        "RGS-20",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A good token opens a session of this player, build and currency, which can be read.",
    drive=_drive,
)
