"""Nothing to repeat it by."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    done = await platform.bet(player, session, 200, bet=bet, round_id=round_id, key="")
    platform.refused(done, what="a write without an idempotency key")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.protocol.no-key",
    rules=("PRV-12",),
    category=Category.PROTOCOL,
    about="A write without an idempotency key is refused, and moves nothing.",
    drive=_drive,
)
