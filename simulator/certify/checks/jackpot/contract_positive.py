"""What the contract allows."""

from simulator.certify.check import Category, Check
from simulator.certify.generated import contract
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    await contract(jackpot, good=True, examples=4)


CHECK = Check(
    id="jackpot.contract.positive",
    rules=("PRV-64", "WAL-77"),
    category=Category.PROTOCOL,
    level="exhaustive",
    about="What the contract allows is answered with a status, a type and a body that the contract "
    "has, and never with a 500.",
    blind="operations that the target does not have, and whether what it did is right",
    drive=_drive,
    limit_s=300,
)
