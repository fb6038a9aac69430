"""Free."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing, grant = await rgs.filled(5), rgs.names.new("g")
    rgs.given(await rgs.send(rgs.grant_ask(playing, 2, grant)))
    for _ in range(2):
        before = (await rgs.sums(playing)).balance
        rgs.given(await rgs.spin(playing, spin_type="free", grant_id=grant))
        after = (await rgs.sums(playing)).balance
        if before is None or after is None:
            raise Unclear("the session does not say what it keeps")
        rgs.require(
            after >= before,
            f"a free spin is not paid for: the session kept {playing.player.money(before)}, and "
            f"keeps {playing.player.money(after)}",
        )


CHECK = Check(
    id="rgs.free-spins.unpaid",
    rules=(
        "RGS-40",
        "RGS-06",
    ),
    category=Category.HAPPY_PATH,
    about="A free spin takes nothing from what the session keeps.",
    drive=_drive,
)
