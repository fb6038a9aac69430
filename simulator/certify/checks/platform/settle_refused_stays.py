"""A win that came before its bet."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    early = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.refused(early, what="a win without its bet")
    platform.given(await platform.bet(player, session, 200, bet=bet, round_id=round_id))
    again = await platform.again(early)
    platform.refused(again, what="the copy, under its key, of a win that was refused")
    await platform.held(player, before, -200, 200)
    win = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.accepted(win, "the win under a new key")
    await platform.held(player, before, 300, 0)


CHECK = Check(
    id="platform.settle.refused-stays",
    rules=("PRV-30", "WAL-24"),
    category=Category.IDEMPOTENCY,
    about="A refused win never lands by a late copy of it; under a new key it does.",
    drive=_drive,
)
