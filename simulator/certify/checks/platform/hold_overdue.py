"""A week later."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    await platform.hook(Need.ADVANCE_CLOCK, seconds=str(7 * 86_400))
    if platform.profile.overdue_hold == "listed":
        await platform.held(player, before, 0, 0)
        late = await platform.settle(player, 500, bet=bet, round_id=round_id)
        platform.accepted(late, "the late settlement of a hold that is overdue")
        await platform.held(player, before, 500, -200)
        return
    await platform.held(player, before, 200, -200)
    late = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.refused(late, what="the settlement of a hold that was rolled back")
    found = await platform.pages("/v1/events", player_id=player.id, order="desc", limit="200")
    told = [one for one in found if one.get("event_type") == "bet.rolled_back"]
    platform.require(len(told) == 1, f"the rollback has its event, and there are {len(told)}")


CHECK = Check(
    id="platform.hold.overdue",
    rules=("WAL-18",),
    category=Category.RECOVERY,
    needs=(Need.ADVANCE_CLOCK,),
    about="A hold is never released in silence: its win lands, or its rollback is told.",
    drive=_drive,
)
