"""Min, max and step."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    limits = {"min_bet": 1, "max_bet": 5, "step": 1}
    session = await platform.session(player, constraints=limits)
    before = await platform.funds(player)
    for minor in (600, 50, 250, 105):
        done = await platform.bet(player, session, minor)
        platform.refused(done, what=f"a stake of {minor} where min is 100, max 500 and step 100")
    await platform.held(player, before, 0, 0)
    for minor in (0, 100, 500):
        done = await platform.bet(player, session, minor)
        platform.accepted(done, f"a stake of {minor} where min is 100, max 500 and step 100")
    await platform.held(player, before, -600, 600)


CHECK = Check(
    id="platform.bet.limits",
    rules=(
        "WAL-15",
        "PRV-20",
    ),
    category=Category.LIMITS,
    about="A stake lies within the session’s min, max and step; zero is exempt from min and step.",
    drive=_drive,
)
