"""Win and rollback at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for turn in range(8):
        player = await platform.player()
        session = await platform.session(player)
        how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
        platform.given(await platform.bet(player, session, 200, **how))
        before = await platform.funds(player)
        asks = [platform.settle_ask(player, 500, **how), platform.rollback_ask(**how)]
        found = await platform.together(asks if turn % 2 else asks[::-1])
        found = [await platform.known(done) for done in (found if turn % 2 else found[::-1])]
        landed = tuple(done.ok for done in found)
        platform.require(
            landed in ((True, False), (False, True)), f"one lands: {found[0]}; {found[1]}"
        )
        await platform.held(player, before, 500 if landed[0] else 200, -200)


CHECK = Check(
    id="platform.settle.race-rollback",
    rules=(
        "WAL-25",
        "WAL-44",
        "WAL-47",
    ),
    category=Category.CONCURRENCY,
    about="A settlement that races the rollback of its bet: one of them lands, never both.",
    when=lambda profile: profile.settled_rollback == "refused",
    drive=_drive,
)
