"""A thousand times the stake, and more."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform

WINS = (100 * 5_000, 100 * 20_000 + 1, 2**31 + 1)
"""On a stake of 100 minor units; the last one does not fit into 31 bits."""


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player)
    for win in WINS:
        round_id, bet = platform.names.new("r"), platform.names.new("b")
        platform.given(await platform.bet(player, session, 100, bet=bet, round_id=round_id))
        before = await platform.funds(player)
        done = await platform.settle(player, win, bet=bet, round_id=round_id)
        platform.require(not done.lost and done.status < 500, f"it is answered, and {done}")
        await platform.held(player, before, *((win, -100) if done.ok else (0, 0)))


CHECK = Check(
    id="platform.settle.large-win",
    rules=("PRV-22", "PRV-03"),
    category=Category.HAPPY_PATH,
    about="A large win is credited in full, or refused; never cut.",
    blind="Wins of which a real target would pay a part by hand.",
    drive=_drive,
)
