"""A win of nothing."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun()
    done = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.refused(done, "BET_NOT_FOUND", "NOT_FOUND", what="the settlement of an unknown bet")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.settle.without-bet",
    rules=(
        "WAL-24",
        "PRV-26",
    ),
    category=Category.ROLLBACK,
    about="The settlement of a bet that nobody knows is refused.",
    drive=_drive,
)
