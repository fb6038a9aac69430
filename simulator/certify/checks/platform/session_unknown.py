"""No session."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun()
    done = await platform.bet(player, platform.names.new("s"), 100, bet=bet, round_id=round_id)
    platform.refused(done, what="a bet in a session that there is not")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.session.unknown",
    rules=("WAL-14",),
    category=Category.LIMITS,
    about="A bet in a session that there is not is refused.",
    drive=_drive,
)
