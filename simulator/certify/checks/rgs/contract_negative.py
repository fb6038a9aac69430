"""What the contract forbids."""

from simulator.certify.check import Category, Check
from simulator.certify.generated import contract
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    await contract(rgs, good=False, examples=6)


CHECK = Check(
    id="rgs.contract.negative",
    rules=("PRV-64", "WAL-77"),
    category=Category.PROTOCOL,
    level="exhaustive",
    about="A body that breaks the contract is refused, and never with a 500.",
    blind="broken headers and paths, which other checks ask for; operations that are not there",
    drive=_drive,
    limit_s=300,
)
