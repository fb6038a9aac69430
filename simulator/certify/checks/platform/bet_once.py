"""A stake is held."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    done = await platform.bet(player, session, 200, bet=bet, round_id=round_id)
    platform.accepted(done, "a stake that the player has")
    platform.require(done.at("status") == "authorized", f"status is authorized, and {done}")
    platform.require(isinstance(done.at("hold_id"), str), f"there is a hold_id, and {done}")
    platform.balance_is(done, before.moved(-200, 200))
    await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.bet.once",
    rules=(
        "PRV-21",
        "WAL-01",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A valid bet holds its stake once and answers the balance after it.",
    drive=_drive,
)
