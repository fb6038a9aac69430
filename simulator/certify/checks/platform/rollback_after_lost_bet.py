"""In doubt, so undone."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for _ in range(3):
        player = await platform.player()
        session = await platform.session(player)
        before = await platform.funds(player)
        how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
        ask = platform.bet_ask(player, session, 200, **how)
        await platform.send(ask, manner=Manner(hang_up=True))
        done = await platform.known(await platform.rollback(**how))
        platform.accepted(done, "the rollback of a bet in doubt")
        late = await platform.send(ask)
        platform.require(
            not late.lost and late.status < 500, f"it is answered for good, and {late}"
        )
        await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.rollback.after-lost-bet",
    rules=(
        "WAL-72",
        "WAL-42",
    ),
    category=Category.RECOVERY,
    about="A bet whose answer was lost is undone by a rollback, whichever of them comes first.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
