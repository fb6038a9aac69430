"""A transfer again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.filled(4)
    for way, by in (("in", 3), ("out", -3)):
        before = (await rgs.sums(playing)).balance or 0
        name = rgs.names.new("t")
        first = rgs.given(await rgs.send(rgs.transfer_ask(playing, way, 3 * playing.low, name)))
        rgs.accepted(await rgs.again(first), "the repeat of a transfer")
        other = await rgs.send(rgs.transfer_ask(playing, way, 3 * playing.low, name))
        rgs.require(not other.lost and other.status < 500, f"it is answered for good, and {other}")
        altered = await rgs.send(rgs.transfer_ask(playing, way, 2 * playing.low, name))
        rgs.refused(altered, what=f"a known transfer {way} with another amount")
        now = (await rgs.sums(playing)).balance or 0
        wanted = by * playing.low
        rgs.require(
            now - before == wanted,
            f"one transfer {way} moves {playing.player.money(wanted)}, and it moved "
            f"{playing.player.money(now - before)}",
        )


CHECK = Check(
    id="rgs.transfer.repeat",
    rules=(
        "RGS-06",
        "WAL-80",
    ),
    category=Category.IDEMPOTENCY,
    about="A transfer happens once, under its key and under another; with another amount it is "
    "refused.",
    drive=_drive,
)
