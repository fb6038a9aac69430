"""A free round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    done = await platform.bet(player, session, 0, bet=bet, round_id=round_id)
    platform.accepted(done, "a zero stake")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.bet.zero",
    rules=("WAL-05",),
    category=Category.HAPPY_PATH,
    about="A zero stake is accepted and moves nothing.",
    drive=_drive,
)
