"""An id is bound to its amount."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun(200)
    done = await platform.bet(player, session, 300, bet=bet, round_id=round_id)
    platform.refused(done, what="a known bet with another amount")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.bet.altered-id",
    rules=(
        "WAL-07",
        "PRV-32",
    ),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A known bet under a new key with another amount is refused and never applied.",
    drive=_drive,
)
