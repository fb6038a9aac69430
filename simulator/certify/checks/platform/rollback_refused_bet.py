"""Of what never was."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player(100)
    session = await platform.session(player)
    before = await platform.funds(player)
    how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
    refusal = await platform.bet(player, session, before.available + 500, **how)
    if refusal.ok:
        raise Unclear(f"it has to begin with a refusal, and {refusal}")
    done = await platform.rollback(**how)
    platform.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.rollback.refused-bet",
    rules=("WAL-48",),
    category=Category.ROLLBACK,
    about="The rollback of a refused bet gives nothing.",
    drive=_drive,
)
