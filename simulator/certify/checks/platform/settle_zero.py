"""A bet is lost."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    platform.accepted(await platform.settle(player, 0, bet=bet, round_id=round_id), "a lost bet")
    await platform.held(player, before, 0, -200)


CHECK = Check(
    id="platform.settle.zero",
    rules=("WAL-22",),
    category=Category.HAPPY_PATH,
    about="A zero win spends the stake and credits nothing.",
    drive=_drive,
)
