"""From its first call to its last."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    start = platform.ask("POST", "/v1/rounds", {"round_id": round_id, "session_id": session})
    platform.accepted(await platform.send(start), "the start of a round")
    platform.given(await platform.bet(player, session, 200, bet=bet, round_id=round_id))
    early = await platform.close(round_id)
    platform.require(early.status < 500 and not early.lost, f"it is answered for good, and {early}")
    if not early.ok:
        platform.given(await platform.settle(player, 0, bet=bet, round_id=round_id))
        early = platform.accepted(await platform.close(round_id), "the close of a round")
    platform.accepted(await platform.again(early), "the repeat of a close")
    done = await platform.send(platform.ask("GET", f"/v1/rounds/{round_id}"))
    said = platform.accepted(done, "reading a round").at("status")
    platform.require(said not in ("open", "started"), f"it has ended, and {done}")
    other = await platform.close(round_id, "cancelled")
    platform.refused(other, what="cancelled for a round that was completed")
    before = await platform.funds(player)
    late = await platform.bet(player, session, 100, round_id=round_id)
    platform.refused(late, what="a bet on a round that has ended")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.round.life",
    rules=(
        "PRV-27",
        "WAL-60",
        "WAL-61",
    ),
    category=Category.HAPPY_PATH,
    about="A round opens, is closed once it holds nothing, stays as it was closed, takes no bet.",
    drive=_drive,
)
