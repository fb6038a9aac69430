"""Wins that arrive together."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player)
    asks, wins = [], []
    for n in range(platform.config.parallel):
        how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
        platform.given(await platform.bet(player, session, 100, **how))
        wins.append(300 + n)
        asks.append(platform.settle_ask(player, 300 + n, **how))
    before = await platform.funds(player)
    found = [await platform.known(done) for done in await platform.together(asks)]
    for done in found:
        platform.accepted(done, "one of several wins at once")
    await platform.held(player, before, sum(wins), -100 * len(wins))


CHECK = Check(
    id="platform.settle.parallel-different",
    rules=("WAL-10", "WAL-21"),
    category=Category.CONCURRENCY,
    about="Settlements of different bets at the same moment: each win is in the balance.",
    drive=_drive,
)
