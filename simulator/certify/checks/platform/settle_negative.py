"""A win that takes."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    done = await platform.settle(player, -500, bet=bet, round_id=round_id)
    platform.refused(done, what="a negative win")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.settle.negative",
    rules=("WAL-27",),
    category=Category.PROTOCOL,
    about="A negative win is refused and takes nothing.",
    drive=_drive,
)
