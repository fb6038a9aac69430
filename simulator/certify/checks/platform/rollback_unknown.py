"""Of nothing."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun()
    done = await platform.rollback(bet=bet, round_id=round_id)
    platform.require(not done.lost and done.status < 500, f"never a 5xx, and {done}")
    match platform.profile.unknown_rollback:
        case "tombstone":
            platform.accepted(done, "a rollback of something unknown")
        case "not_found":
            platform.refused(done, "NOT_FOUND", "BET_NOT_FOUND", what="a rollback of the unknown")
        case "error":
            platform.refused(done, what="a rollback of something unknown")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.rollback.unknown",
    rules=("WAL-45",),
    category=Category.ROLLBACK,
    about="A rollback of what nobody knows is answered as the profile says, never by a 5xx.",
    drive=_drive,
)
