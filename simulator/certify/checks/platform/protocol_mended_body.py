"""A slip, mended."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    how = {"bet": bet, "round_id": round_id, "key": platform.names.new("k")}
    slip = await platform.bet(player, session, 200, **how, amount={})
    platform.refused(slip, what="a bet without an amount")
    if slip.status != 400:
        return  # only 400 is said to be forgotten
    done = await platform.bet(player, session, 200, **how)
    platform.accepted(done, "the mended bet under the key of one that was 400")
    await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.protocol.mended-body",
    rules=("PRV-30",),
    category=Category.PROTOCOL,
    about="A 400 is not remembered: the mended call goes through under the same key.",
    drive=_drive,
)
