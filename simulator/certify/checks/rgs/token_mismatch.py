"""Whose token?"""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs, countries


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    somebody = await rgs.open(entry, player_id=rgs.names.new("p"))
    rgs.refused(somebody, what="a session of another player than the token is for")
    certified = countries(await rgs.build(entry.game))
    elsewhere = next((name for name in certified if name != entry.geo), None)
    if elsewhere is not None:
        done = await rgs.open(entry, geo=elsewhere)
        rgs.refused(done, what=f"a session in {elsewhere}, where the token says {entry.geo}")
    rgs.accepted(await rgs.open(entry), "the session of whom the token is for")


CHECK = Check(
    id="rgs.token.mismatch",
    rules=("RGS-02",),
    category=Category.SECURITY,
    about="A token of another player or country than the body says opens no session.",
    drive=_drive,
)
