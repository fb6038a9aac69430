"""All that was answered, beside the contract."""

from simulator.certify.answers import judge
from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    judge(platform)


CHECK = Check(
    id="platform.contract.answers",
    rules=("PRV-64",),
    category=Category.PROTOCOL,
    about="Of every answer that any check saw, each field that is there is of the contract's kind: "
    "text, number, truth, list or object.",
    blind="fields that are missing, and the form of texts; it judges what the checks before it "
    "have met",
    drive=_drive,
)
