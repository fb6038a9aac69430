"""Whatever is done, in whatever order."""

from simulator.certify.check import Category, Check
from simulator.certify.machines.platform import played
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    await played(platform, 50, 10)


CHECK = Check(
    id="platform.machine",
    rules=(
        "WAL-06",
        "WAL-07",
        "WAL-08",
        "WAL-23",
        "WAL-25",
        "WAL-40",
        "WAL-41",
        "WAL-42",
        "WAL-45",
        "WAL-47",
        "WAL-48",
        "PRV-30",
    ),
    category=Category.IDEMPOTENCY,
    about="Bets, settlements and rollbacks in any order, again, altered, under other keys, cut off "
    "or sent slowly: each answer and each balance is one that the rules allow.",
    blind="calls at the same time, and more than two bets of a player",
    drive=_drive,
    limit_s=180,
)
