"""Not what was held."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    other = "USD" if player.currency != "USD" else "EUR"
    money = {**player.money(200).written(platform.form), "currency": other}
    done = await platform.rollback(bet=bet, round_id=round_id, amount=money)
    platform.refused(done, what=f"a rollback in {other} of a bet in {player.currency}")
    await platform.held(player, before, 0, 0)
    right = await platform.rollback(bet=bet, round_id=round_id)
    platform.accepted(right, "the rollback that says no currency")
    await platform.held(player, before, 200, -200)


CHECK = Check(
    id="platform.rollback.currency",
    rules=("WAL-49",),
    category=Category.ROLLBACK,
    about="A rollback in another currency than its bet is refused and moves nothing.",
    drive=_drive,
)
