"""From launch to end."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    done = await platform.send(platform.ask("GET", f"/v1/sessions/{session}"))
    platform.accepted(done, "reading a session")
    platform.require(done.at("player_id") == player.id, f"it is the session of {player.id}: {done}")
    platform.accepted(await platform.end(session), "the end of a session")
    late = await platform.bet(player, session, 200, bet=bet, round_id=round_id)
    platform.refused(late, what="a bet in a session that has ended")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.session.life",
    rules=(
        "PRV-20",
        "WAL-14",
    ),
    category=Category.HAPPY_PATH,
    about="A session opens, can be read, ends, and takes no bet afterwards.",
    drive=_drive,
)
