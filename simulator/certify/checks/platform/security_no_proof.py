"""Who calls?"""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    await questions.without_proof(
        platform,
        platform.bet_ask(player, session, 200, bet=bet, round_id=round_id),
        platform.ask("GET", f"/v1/players/{player.id}"),
    )
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.security.no-proof",
    rules=(
        "PRV-10",
        "WAL-70",
    ),
    category=Category.SECURITY,
    level="smoke",
    about="Without proof of who calls, or with a false one, nothing is read and nothing moves.",
    drive=_drive,
)
