"""All of it, and one minor unit more."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player(5_000)
    session = await platform.session(player)
    before = await platform.funds(player)
    more = await platform.bet(player, session, before.available + 1)
    platform.refused(more, what="a stake of one minor unit more than there is")
    await platform.held(player, before, 0, 0)
    how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
    done = await platform.bet(player, session, before.available, **how)
    platform.accepted(done, "a stake of the whole balance")
    await platform.held(player, before, -before.available, before.available)
    if not player.fresh:  # as it was, for the checks that follow
        await platform.rollback(**how)


CHECK = Check(
    id="platform.bet.whole-balance",
    rules=("WAL-04",),
    category=Category.HAPPY_PATH,
    about="A stake of all that the player has is held; one minor unit more is not.",
    drive=_drive,
)
