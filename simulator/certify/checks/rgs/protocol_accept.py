"""Which version?"""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    for wanted, good in (
        ("application/vnd.rgs.v1+json", True),
        ("application/json", True),
        ("text/html, application/vnd.rgs.v1+json;q=0.5", True),
        ("text/xml", False),
        ("application/vnd.rgs.v9+json", False),
    ):
        done = await rgs.send(rgs.ask("GET", "/rgs/v1/games", headers={"Accept": wanted}))
        if good:
            rgs.accepted(done, f"Accept: {wanted}")
            continue
        rgs.refused(done, what=f"Accept: {wanted}")
        rgs.require(done.status == 406, f"it is 406, and {done}")


CHECK = Check(
    id="rgs.protocol.accept",
    rules=("RGS-08",),
    category=Category.PROTOCOL,
    about="Version 1 answers to its media type; what it does not speak is 406.",
    drive=_drive,
)
