"""A bet is of one round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, _ = await platform.begun(200)
    other = platform.names.new("r")
    platform.given(await platform.bet(player, session, 100, round_id=other))
    before = await platform.funds(player)
    for wrong in (other, platform.names.new("r")):
        done = await platform.settle(player, 500, bet=bet, round_id=wrong)
        platform.refused(done, what="a win of a bet in a round that is not the bet’s")
        await platform.held(player, before, 0, 0)
    win = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.accepted(win, "the win in the round of its bet")
    await platform.held(player, before, 500, -200)


CHECK = Check(
    id="platform.settle.other-round",
    rules=("PRV-22", "WAL-24"),
    category=Category.IDEMPOTENCY,
    about="A win that names another round than its bet’s is refused, and pays nothing.",
    drive=_drive,
)
