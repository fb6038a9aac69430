"""Somebody else’s bet."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    other = await platform.other_player()
    theirs = await platform.funds(other)
    done = await platform.rollback(bet=bet, round_id=round_id, player_id=other.id)
    platform.refused(done, what="the rollback of another player’s bet")
    await platform.held(player, before, 0, 0)
    await platform.held(other, theirs, 0, 0)


CHECK = Check(
    id="platform.rollback.foreign",
    rules=("WAL-49",),
    category=Category.ROLLBACK,
    about="A rollback in the name of another player gives nobody anything.",
    drive=_drive,
)
