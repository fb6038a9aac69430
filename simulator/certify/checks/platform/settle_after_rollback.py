"""A win without its stake."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    platform.given(await platform.rollback(bet=bet, round_id=round_id))
    before = await platform.funds(player)
    done = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.refused(done, what="a win on a bet that was given back")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.settle.after-rollback",
    rules=("WAL-25",),
    category=Category.ROLLBACK,
    about="A win on a bet that was given back is refused and pays nothing.",
    drive=_drive,
)
