"""Another currency."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform
from simulator.certify.roles.player import Player


async def _drive(platform: Platform) -> None:
    player, session, _round_id, _bet, before = await platform.begun()
    other = "USD" if player.currency != "USD" else "GBP"
    amount = Player(player.id, other, player.fresh).money(200).written(platform.form)
    done = await platform.bet(player, session, 200, amount=amount)
    platform.refused(done, what=f"a stake in {other} on a wallet in {player.currency}")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.bet.currency",
    rules=("WAL-12",),
    category=Category.LIMITS,
    about="Another currency than the wallet has is refused.",
    drive=_drive,
)
