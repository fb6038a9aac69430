"""A very late copy."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    first = platform.given(await platform.settle(player, 500, bet=bet, round_id=round_id))
    await platform.hook(Need.ADVANCE_CLOCK, seconds=str(180 * 86_400))
    platform.repeated(first, await platform.again(first))
    later = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.require(later.status < 500 and not later.lost, f"a repeat is answered, and {later}")
    await platform.held(player, before, 500, -200)


CHECK = Check(
    id="platform.dedupe-lasts",
    rules=("WAL-74",),
    category=Category.IDEMPOTENCY,
    level="exhaustive",
    needs=(Need.ADVANCE_CLOCK,),
    about="After half a year a repeat is still a repeat.",
    drive=_drive,
)
