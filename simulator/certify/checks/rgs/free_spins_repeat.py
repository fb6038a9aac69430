"""A free spin again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    grant = rgs.names.new("g")
    given = rgs.given(await rgs.send(rgs.grant_ask(playing, 3, grant)))
    first = rgs.given(await rgs.spin(playing, spin_type="free", grant_id=grant))
    rgs.repeated(first, await rgs.again(first))
    rgs.accepted(await rgs.again(given), "the repeat of a grant")
    other = await rgs.send(rgs.grant_ask(playing, 3, grant))
    rgs.require(not other.lost and other.status < 500, f"a known grant is answered, and {other}")
    more = await rgs.send(rgs.grant_ask(playing, 5, grant))
    rgs.refused(more, what="a known grant with another count")
    left = (await rgs.look("free-spins", grant)).at("left")
    rgs.require(left == 2, f"one of three is consumed, and {left} are left")


CHECK = Check(
    id="rgs.free-spins.repeat",
    rules=(
        "RGS-40",
        "RGS-50",
    ),
    category=Category.IDEMPOTENCY,
    about="A repeated free spin consumes none, and a repeated grant gives none.",
    drive=_drive,
)
