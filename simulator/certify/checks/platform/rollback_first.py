"""A tombstone."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    done = await platform.rollback(bet=bet, round_id=round_id)
    platform.accepted(done, "a rollback that comes before its bet")
    late = await platform.bet(player, session, 200, bet=bet, round_id=round_id)
    platform.refused(late, what="a bet whose rollback came first")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.rollback.first",
    rules=("WAL-42",),
    category=Category.ROLLBACK,
    level="smoke",
    about="A rollback before its bet moves nothing, and the late bet is refused.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
