"""The original counts."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for said in (900, 100, 0):
        await _said(platform, said)


async def _said(platform: Platform, said: int) -> None:
    player, _session, round_id, bet, before = await platform.begun(1_234)
    wrong = player.money(said).written(platform.form)
    done = await platform.rollback(bet=bet, round_id=round_id, amount=wrong)
    platform.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    if not done.ok:  # some refuse a wrong amount; then the right one, or none, has to do
        await platform.held(player, before, 0, 0)
        done = platform.accepted(await platform.rollback(bet=bet, round_id=round_id), "a rollback")
    await platform.held(player, before, 1_234, -1_234)


CHECK = Check(
    id="platform.rollback.once",
    rules=(
        "PRV-23",
        "WAL-40",
    ),
    category=Category.ROLLBACK,
    level="smoke",
    about="A rollback gives back what was held, whatever the request says.",
    drive=_drive,
)
