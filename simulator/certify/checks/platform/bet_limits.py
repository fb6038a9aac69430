"""Min, max and step."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    bounds = {"min_bet": 100, "max_bet": 500, "step": 100}
    limits = {name: platform.bound(player, minor) for name, minor in bounds.items()}
    told = ", ".join(f"{name} {player.money(minor)}" for name, minor in bounds.items())
    session = await platform.session(player, constraints=limits)
    before = await platform.funds(player)
    for minor in (600, 50, 250, 105):
        done = await platform.bet(player, session, minor)
        platform.refused(done, what=f"a stake of {player.money(minor)} under {told}")
    await platform.held(player, before, 0, 0)
    for minor in (0, 100, 500):
        done = await platform.bet(player, session, minor)
        platform.accepted(done, f"a stake of {player.money(minor)} under {told}")
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
