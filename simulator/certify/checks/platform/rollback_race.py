"""Bet and rollback at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for _ in range(6):
        player = await platform.player()
        session = await platform.session(player)
        before = await platform.funds(player)
        how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
        asks = [platform.bet_ask(player, session, 200, **how), platform.rollback_ask(**how)]
        found = [await platform.known(done) for done in await platform.together(asks)]
        if not found[1].ok:  # it came first, and this profile leaves no tombstone
            platform.require(
                platform.profile.unknown_rollback != "tombstone",
                f"a rollback is accepted before and after its bet, and {found[1]}",
            )
            await platform.rollback(**how)
        await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.rollback.race",
    rules=("WAL-44",),
    category=Category.CONCURRENCY,
    about="A rollback that races its bet: in the end nothing is held, and nothing is given.",
    drive=_drive,
)
