"""Whatever is done, in whatever order."""

from simulator.certify.check import Category, Check
from simulator.certify.machines.wallet import played
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    await played(wallet, 50, 10)


CHECK = Check(
    id="wallet.machine",
    rules=(
        "WAL-06",
        "WAL-07",
        "WAL-08",
        "WAL-21",
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
    about="Debits, wins and rollbacks in any order, again, altered, under other keys, cut off or "
    "sent slowly: each answer and each balance is one that the rules allow.",
    blind="calls at the same time, and more than two bets of a player",
    drive=_drive,
    limit_s=180,
)
