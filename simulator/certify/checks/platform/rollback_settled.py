"""After the win."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    platform.given(await platform.settle(player, 500, bet=bet, round_id=round_id))
    before = await platform.funds(player)
    done = await platform.rollback(bet=bet, round_id=round_id)
    platform.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    if platform.profile.settled_rollback == "refused":
        platform.refused(done, what="the rollback of a bet that was settled")
        await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.rollback.settled",
    rules=("WAL-47",),
    category=Category.ROLLBACK,
    about="A bet that was settled is not given back, unless the profile says so.",
    drive=_drive,
)
