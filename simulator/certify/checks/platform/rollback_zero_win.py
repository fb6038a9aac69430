"""Nothing won, and settled."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    platform.given(await platform.settle(player, 0, bet=bet, round_id=round_id))
    back = await platform.rollback(bet=bet, round_id=round_id)
    platform.refused(back, what="the rollback of a bet that was lost")
    await platform.held(player, before, 0, -200)


CHECK = Check(
    id="platform.rollback.zero-win",
    rules=("WAL-22", "WAL-47"),
    category=Category.ROLLBACK,
    about="A lost bet is settled as any other: no rollback afterwards.",
    when=lambda profile: profile.settled_rollback == "refused",
    drive=_drive,
)
