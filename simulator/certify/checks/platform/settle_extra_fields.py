"""More and less than is asked for."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform

MORE = {"note": "x", "nested": {"a": [1]}}


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player)
    before = await platform.funds(player)
    for over in (MORE, {"bonus_state": None}):
        round_id, bet = platform.names.new("r"), platform.names.new("b")
        platform.given(await platform.bet(player, session, 200, bet=bet, round_id=round_id))
        done = await platform.settle(player, 300, bet=bet, round_id=round_id, **over)
        what = "with unknown fields" if over is MORE else "without bonus_state"
        platform.accepted(done, f"a settlement {what}")
    round_id, bet = platform.names.new("r"), platform.names.new("b")
    platform.given(await platform.bet(player, session, 200, bet=bet, round_id=round_id))
    back = await platform.rollback(bet=bet, round_id=round_id, **MORE)
    platform.accepted(back, "a rollback with unknown fields")
    await platform.held(player, before, 200, 0)


CHECK = Check(
    id="platform.settle.extra-fields",
    rules=("WAL-17", "PRV-54"),
    category=Category.PROTOCOL,
    about="Settlements and rollbacks may have unknown fields, and need no bonus_state.",
    drive=_drive,
)
