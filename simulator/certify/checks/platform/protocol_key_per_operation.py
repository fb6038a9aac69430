"""One key, two operations."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    key = platform.names.new("k")
    how = {"bet": bet, "round_id": round_id, "key": key}
    platform.given(await platform.bet(player, session, 200, **how))
    done = await platform.settle(player, 500, **how)
    platform.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    if done.ok:  # the key is told apart per operation; to refuse it is as safe
        await platform.held(player, before, 300, 0)
    else:
        await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.protocol.key-per-operation",
    rules=("PRV-30", "PRV-31"),
    category=Category.IDEMPOTENCY,
    about="The key of a bet on its settlement: the bet's answer is never given for it.",
    drive=_drive,
)
