"""It stands."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    platform.given(await platform.rollback(bet=bet, round_id=round_id))
    for attempt in ("the late bet", "the late bet under a new key", "a third one"):
        late = await platform.bet(player, session, 200, bet=bet, round_id=round_id)
        platform.refused(late, what=attempt)
    win = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.refused(win, what="a win on a bet whose rollback came first")
    await platform.held(player, before, 0, 0)
    fresh = await platform.bet(player, session, 200, round_id=round_id)
    platform.accepted(fresh, "another bet in the round")
    await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.rollback.tombstone-holds",
    rules=("WAL-42", "WAL-25"),
    category=Category.ROLLBACK,
    about="A tombstone holds against every late copy of its bet and its win, and no other bet.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
