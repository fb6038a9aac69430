"""The same bet again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    first = platform.given(await platform.bet(player, session, 200, bet=bet, round_id=round_id))
    platform.given(await platform.bet(player, session, 100))  # the balance of now is another one
    later = await platform.again(first)
    await platform.held(player, before, -300, 300)
    platform.repeated(first, later)


CHECK = Check(
    id="platform.bet.repeat",
    rules=(
        "WAL-06",
        "PRV-30",
    ),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="Same key, same body: one hold, and the first answer byte for byte.",
    drive=_drive,
)
