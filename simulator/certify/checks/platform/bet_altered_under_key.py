"""A key is bound to what it was used for."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    key = platform.names.new("k")
    how = {"bet": bet, "round_id": round_id, "key": key}
    platform.given(await platform.bet(player, session, 200, **how))
    before = await platform.funds(player)
    session_2 = await platform.session(player)
    for what, other in (
        ("session", platform.bet_ask(player, session_2, 200, **how)),
        ("amount", platform.bet_ask(player, session, 300, **how)),
        ("round", platform.bet_ask(player, session, 200, **how | {"round_id": round_id + "x"})),
        ("bet", platform.bet_ask(player, session, 200, **how | {"bet": bet + "x"})),
    ):
        platform.refused(await platform.send(other), what=f"another {what} under a known key")
        await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.bet.altered-under-key",
    rules=(
        "WAL-07",
        "PRV-31",
    ),
    category=Category.IDEMPOTENCY,
    about="The same key with another amount, bet, round or session is refused and never applied.",
    drive=_drive,
)
