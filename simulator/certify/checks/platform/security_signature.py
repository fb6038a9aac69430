"""What is signed is what is sent."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, _before = await platform.begun()
    await questions.rightly_signed(platform, platform.bet_ask(player, session, 100))
    before = await platform.funds(player)
    good = platform.bet_ask(player, session, 200, bet=bet, round_id=round_id)
    flipped = good.body.replace(b'"round_id":"r-', b'"round_id":"q-', 1)
    await questions.altered_after_signing(platform, good, flipped, "/v1/bets/rollback")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.security.signature",
    rules=(
        "WAL-70",
        "PRV-10",
    ),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signature covers the raw bytes: another byte, path or key is refused.",
    drive=_drive,
)
