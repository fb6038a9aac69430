"""Another currency."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    other = "USD" if playing.player.currency != "USD" else "EUR"
    stake = {"amount": playing.opened.at("stakes.min.amount") or 1, "currency": other}
    rgs.refused(await rgs.spin(playing, stake=stake), what=f"a stake in {other}")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.stake.currency",
    rules=("RGS-15",),
    category=Category.LIMITS,
    about="A stake in another currency than the session’s is refused, never converted.",
    drive=_drive,
)
