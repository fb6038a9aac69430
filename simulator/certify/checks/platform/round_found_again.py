"""Back after a break."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun(200)
    platform.given(await platform.end(session))
    done = await platform.send(platform.ask("GET", f"/v1/rounds/{round_id}"))
    platform.accepted(done, "reading a round whose session is over")
    platform.require(done.at("status") == "open", f"the round is open still, and {done}")
    platform.accepted(await platform.settle(player, 300, bet=bet, round_id=round_id), "its win")
    platform.accepted(await platform.close(round_id), "its close")
    await platform.held(player, before, 300, -200)


CHECK = Check(
    id="platform.round.found-again",
    rules=("WAL-64",),
    category=Category.RECOVERY,
    about="An open round is found again after its session has ended, and can be finished.",
    drive=_drive,
)
