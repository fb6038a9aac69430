"""The id counts, not the key."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    first = platform.given(await platform.bet(player, session, 200, bet=bet, round_id=round_id))
    later = await platform.bet(player, session, 200, bet=bet, round_id=round_id)
    await platform.held(player, before, -200, 200)
    platform.repeated(first, later)


CHECK = Check(
    id="platform.bet.new-key",
    rules=("WAL-08",),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A known bet under a new key is held once.",
    drive=_drive,
)
