"""Given back once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    first = platform.accepted(await platform.rollback(bet=bet, round_id=round_id), "a rollback")
    platform.repeated(first, await platform.again(first))
    await platform.held(player, before, 200, -200)
    other = await platform.rollback(bet=bet, round_id=round_id)
    platform.require(not other.lost and other.status < 500, f"it is answered for good, and {other}")
    await platform.held(player, before, 200, -200)


CHECK = Check(
    id="platform.rollback.repeat",
    rules=("WAL-41",),
    category=Category.ROLLBACK,
    about="A repeated rollback, and another one of the same bet, give back once.",
    drive=_drive,
)
