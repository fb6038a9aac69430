"""A token is good once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    rgs.given(await rgs.open(entry))
    other = rgs.names.new("s")
    rgs.refused(await rgs.open(entry, session_id=other), what="another session by a used token")
    rgs.require(not (await rgs.look("sessions", other)).ok, f"there is no session {other}")


CHECK = Check(
    id="rgs.token.reused",
    rules=(
        "WAL-63",
        "WAL-71",
        "RGS-02",
    ),
    category=Category.SECURITY,
    level="smoke",
    about="A token that has opened a session opens no other.",
    drive=_drive,
)
