"""A win is sent twice."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    first = platform.given(await platform.settle(player, 500, bet=bet, round_id=round_id))
    platform.repeated(first, await platform.again(first))
    await platform.held(player, before, 500, -200)
    later = await platform.settle(player, 500, bet=bet, round_id=round_id)
    await platform.held(player, before, 500, -200)
    platform.repeated(first, later)


CHECK = Check(
    id="platform.settle.repeat",
    rules=("WAL-21",),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A repeated settlement credits once, under its key and under a new one.",
    drive=_drive,
)
