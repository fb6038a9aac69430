"""What is no request."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    good = platform.bet_ask(player, session, 200, bet=bet, round_id=round_id)
    await questions.bad_bodies(platform, good)
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.protocol.bad-body",
    rules=(
        "WAL-77",
        "WAL-76",
    ),
    category=Category.PROTOCOL,
    about="What is no valid body is a 4xx in the error model, never a 5xx, and moves nothing.",
    drive=_drive,
)
