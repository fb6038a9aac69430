"""Together too much."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.money import split
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for _ in range(3):
        player = await platform.player(1_000 * (platform.config.parallel // 3))
        session = await platform.session(player)
        before = await platform.funds(player)
        stake, fit = split(platform, before.available)
        round_id = platform.names.new("r")
        names = [platform.names.new("b") for _ in range(platform.config.parallel)]
        asks = [
            platform.bet_ask(player, session, stake, bet=name, round_id=round_id) for name in names
        ]
        found = [await platform.known(done) for done in await platform.together(asks)]
        taken = sum(done.ok for done in found)
        now = await platform.funds(player)
        platform.require(now.available >= 0, f"the balance is {player.money(now.available)}")
        platform.require(
            taken == fit,
            f"of {len(asks)} stakes of {player.money(stake)} on {player.money(before.available)} "
            f"{fit} fit, and {taken} were accepted",
        )
        await platform.held(player, before, -stake * taken, stake * taken)
        if not player.fresh:  # as it was, for the checks that follow
            for name in names:
                await platform.rollback(bet=name, round_id=round_id)


CHECK = Check(
    id="platform.bet.parallel-overdraw",
    rules=("WAL-11",),
    category=Category.CONCURRENCY,
    level="smoke",
    about="Bets at once that are too much together: never below zero, and as many as fit.",
    drive=_drive,
)
