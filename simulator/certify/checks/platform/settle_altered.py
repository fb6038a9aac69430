"""A win that changes."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    first = platform.given(await platform.settle(player, 500, bet=bet, round_id=round_id))
    for key in (first.ask.headers["X-Idempotency-Key"], None):
        done = await platform.settle(player, 900, bet=bet, round_id=round_id, key=key)
        platform.refused(done, what="a known settlement with another win")
    await platform.held(player, before, 500, -200)


CHECK = Check(
    id="platform.settle.altered",
    rules=(
        "WAL-07",
        "WAL-21",
    ),
    category=Category.IDEMPOTENCY,
    about="A known settlement with another win is refused and credits nothing.",
    drive=_drive,
)
