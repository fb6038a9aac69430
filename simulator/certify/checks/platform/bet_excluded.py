"""Who may not play."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = platform.configured("excluded")
    before = await platform.funds(player)
    opened = await platform.send(platform.session_ask(player))
    if opened.ok:
        done = await platform.bet(player, str(opened.at("session_id")), 100)
        platform.refused(done, what="a stake of a self-excluded player")
    else:
        platform.refused(opened, what="a session of a self-excluded player")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.bet.excluded",
    rules=("WAL-13",),
    category=Category.LIMITS,
    needs=(Need.EXCLUDED,),
    about="A self-excluded player cannot stake.",
    clauses=("2.5.5",),
    drive=_drive,
)
