"""What follows from one another."""

from simulator.certify.check import Category, Check
from simulator.certify.linked import links
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    await links(platform, examples=20, steps=8)


CHECK = Check(
    id="platform.contract.stateful",
    rules=("PRV-64", "WAL-77"),
    category=Category.PROTOCOL,
    level="exhaustive",
    about="Along the contract's links, from an answer to the requests that take its ids: each is "
    "answered as documented, never with a 500, and what was just made is found.",
    blind="operations to which no link leads, and whether what they did is right",
    drive=_drive,
    limit_s=300,
)
