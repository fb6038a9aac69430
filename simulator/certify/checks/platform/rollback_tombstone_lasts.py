"""A very late bet."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, _before = await platform.begun()
    platform.given(await platform.rollback(bet=bet, round_id=round_id))
    await platform.hook(Need.ADVANCE_CLOCK, seconds=str(180 * 86_400))
    session = await platform.session(player)
    before = await platform.funds(player)
    late = await platform.bet(player, session, 200, bet=bet, round_id=round_id)
    platform.refused(late, what="a bet half a year after its rollback")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.rollback.tombstone-lasts",
    rules=("WAL-42", "WAL-74"),
    category=Category.ROLLBACK,
    level="exhaustive",
    needs=(Need.ADVANCE_CLOCK,),
    about="Half a year after a rollback without its bet the late bet is still refused.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
