"""Who may look may not touch."""

from simulator.certify import entry
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    begun = await platform.begun(200)
    player, session, round_id, bet, before = begun
    read = platform.ask("GET", f"/v1/players/{player.id}")
    await entry.reader_writes_nothing(platform, read, platform.every_write(begun))
    settle = platform.settle_ask(player, 500, bet=bet, round_id=round_id)
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
