"""A bet is won."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    done = await platform.settle(player, 730, bet=bet, round_id=round_id)
    platform.accepted(done, "the settlement of a bet")
    platform.require(done.at("status") == "credited", f"status is credited, and {done}")
    platform.require(isinstance(done.at("settlement_id"), str), f"there is a settlement_id: {done}")
    platform.balance_is(done, before.moved(730, -200))
    await platform.held(player, before, 730, -200)


CHECK = Check(
    id="platform.settle.once",
    rules=(
        "PRV-22",
        "WAL-20",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A settlement spends the stake, credits the win and answers the balance after it.",
    drive=_drive,
)
