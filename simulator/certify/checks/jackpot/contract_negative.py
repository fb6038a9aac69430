"""What the contract forbids."""

from simulator.certify.check import Category, Check
from simulator.certify.generated import contract
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    await contract(jackpot, good=False, examples=6)


CHECK = Check(
    id="jackpot.contract.negative",
    rules=("PRV-64", "WAL-77"),
    category=Category.PROTOCOL,
    level="exhaustive",
    about="A body that breaks the contract is refused, and never with a 500.",
    blind="broken headers and paths, which other checks ask for; operations that are not there",
    drive=_drive,
    limit_s=300,
)
