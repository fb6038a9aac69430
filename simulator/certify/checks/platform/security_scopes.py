"""Who may look may not touch."""

from simulator.certify import entry
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun(200)
    settle = platform.settle_ask(player, 500, bet=bet, round_id=round_id)
    start = {"round_id": platform.names.new("r"), "session_id": session}
    writes = (
        platform.bet_ask(player, session, 100),
        settle,
        platform.rollback_ask(bet=bet, round_id=round_id),
        platform.session_ask(player),
        platform.ask("POST", "/v1/rounds", start),
        platform.ask("POST", f"/v1/rounds/{round_id}/close", {"outcome": "completed"}),
        platform.ask("POST", f"/v1/sessions/{session}/end"),
    )
    read = platform.ask("GET", f"/v1/players/{player.id}")
    await entry.reader_writes_nothing(platform, read, writes)
    look = platform.ask("GET", f"/v1/sessions/{session}")
    beyond = (("settlements:write", settle), ("sessions:read", look))
    await entry.narrow_token(platform, "bets:write", beyond)
    await platform.held(player, before, 0, 0)
    win = await platform.settle(player, 0, bet=bet, round_id=round_id)
    platform.accepted(win, "the win by the client that may settle")


CHECK = Check(
    id="platform.security.scopes",
    rules=("PRV-11",),
    category=Category.SECURITY,
    needs=(Need.READONLY_CLIENT,),
    about="A client that may only read moves nothing; a token opens what it was asked for.",
    drive=_drive,
)
