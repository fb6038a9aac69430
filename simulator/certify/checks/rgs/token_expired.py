"""Too late."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    await rgs.hook(Need.ADVANCE_CLOCK, seconds="3600")
    rgs.given(await rgs.listed("games"))
    done = await rgs.open(entry, patient=False)
    rgs.refused(done, what="a token that is an hour old")
    rgs.require(done.status in (400, 401, 403), f"it is 401, and {done}")


CHECK = Check(
    id="rgs.token.expired",
    rules=(
        "RGS-02",
        "WAL-63",
    ),
    category=Category.SECURITY,
    needs=(Need.ADVANCE_CLOCK,),
    about="A token is short-lived: an hour later it opens no session.",
    drive=_drive,
)
