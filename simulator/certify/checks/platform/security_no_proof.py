"""Who calls?"""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun(200)
    await questions.without_proof(
        platform,
        platform.bet_ask(player, session, 200),
        platform.settle_ask(player, 500, bet=bet, round_id=round_id),
        platform.rollback_ask(bet=bet, round_id=round_id),
        platform.session_ask(player),
        platform.ask("POST", f"/v1/sessions/{session}/end"),
        platform.ask("POST", f"/v1/rounds/{round_id}/close", {"outcome": "completed"}),
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
