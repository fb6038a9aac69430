"""Where is it certified?"""

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.roles.rgs import Rgs, countries

NOWHERE = ("AQ", "BV", "HM", "GS")
"""Where nobody lives."""


async def _drive(rgs: Rgs) -> None:
    rgs.given(await rgs.open(await rgs.own_entry()))
    game = await rgs.game()
    known = {name for one in await rgs.builds() for name in countries(one)}
    elsewhere = next((name for name in NOWHERE if name not in known), None)
    if elsewhere is None:
        raise Unclear(f"{game} is certified everywhere")
    done = await rgs.open(await rgs.own_entry(geo=elsewhere))
    rgs.refused(done, what=f"a session in {elsewhere}, where no build is certified")


CHECK = Check(
    id="rgs.build.country",
    rules=("RGS-22",),
    category=Category.LIMITS,
    needs=(Need.PLAYER_KEY,),
    about="A build is not played in a country where it is not certified.",
    drive=_drive,
)
