"""A very late copy of a bet."""

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, _before = await platform.begun(200)
    now = await platform.funds(player)
    whole = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
    platform.given(await platform.bet(player, session, now.available, **whole))
    poor = await platform.bet(player, session, 100)
    if poor.ok:
        raise Unclear(f"it has to begin with a refusal, and {poor}")
    platform.given(await platform.rollback(**whole))
    platform.given(await platform.settle(player, 0, bet=bet, round_id=round_id))
    await platform.hook(Need.ADVANCE_CLOCK, seconds=str(180 * 86_400))
    before = await platform.funds(player)
    later = await platform.session(player)
    again = await platform.again(poor)
    platform.refused(again, what="the copy, half a year later, of a bet that was refused")
    for where in (session, later):
        known = await platform.bet(player, where, 200, bet=bet, round_id=round_id)
        platform.require(known.status < 500 and not known.lost, f"it is answered, and {known}")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.bet.dedupe-lasts",
    rules=("WAL-74", "PRV-30"),
    category=Category.IDEMPOTENCY,
    level="exhaustive",
    needs=(Need.ADVANCE_CLOCK,),
    about="After half a year a settled bet is not taken again, and a refused one stays refused.",
    drive=_drive,
)
