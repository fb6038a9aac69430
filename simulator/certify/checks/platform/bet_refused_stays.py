"""Refused is refused."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player(10_000)
    session = await platform.session(player)
    before = await platform.funds(player)
    holding = platform.names.new("b")
    round_id = platform.names.new("r")
    all_of_it = platform.bet_ask(player, session, before.available, bet=holding, round_id=round_id)
    platform.given(await platform.send(all_of_it))
    first = await platform.bet(player, session, 500)
    if first.ok:
        raise Unclear(f"it has to begin with a refusal, and {first}")
    platform.given(await platform.rollback(bet=holding, round_id=round_id))
    later = await platform.again(first)
    platform.refused(later, what="the late copy of a bet that was refused")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.bet.refused-stays",
    rules=(
        "PRV-30",
        "WAL-02",
    ),
    category=Category.IDEMPOTENCY,
    about="A refused bet never succeeds by a late copy, not even once the player has the money.",
    drive=_drive,
)
