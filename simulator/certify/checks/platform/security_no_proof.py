"""Who calls?"""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    begun = await platform.begun(200)
    player, session, round_id, bet, before = begun
    await questions.without_proof(
        platform,
        *platform.every_write(begun),
        *(
            platform.ask("GET", path)
            for path in (
                f"/v1/players/{player.id}",
                f"/v1/bets/{bet}",
                f"/v1/bets?player_id={player.id}",
                f"/v1/sessions/{session}",
                f"/v1/rounds/{round_id}",
                f"/v1/events?player_id={player.id}",
            )
        ),
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
