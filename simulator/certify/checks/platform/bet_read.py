"""The state of a bet."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, _before = await platform.begun(200)
    done = await platform.send(platform.ask("GET", f"/v1/bets/{bet}"))
    platform.accepted(done, "reading a bet")
    platform.require(
        (done.at("bet_id"), done.at("status")) == (bet, "authorized"), f"it is held, and {done}"
    )
    platform.given(await platform.settle(player, 350, bet=bet, round_id=round_id))
    done = await platform.send(platform.ask("GET", f"/v1/bets/{bet}"))
    platform.require(done.at("status") == "settled", f"it is settled, and {done}")
    platform.tells(done.at("win"), player.money(350), f"the win of {bet} by {done.ask.path}")
    none = await platform.send(platform.ask("GET", "/v1/bets/" + platform.names.new("b")))
    platform.refused(none, what="a bet that was never made")


CHECK = Check(
    id="platform.bet.read",
    rules=(
        "PRV-21",
        "WAL-72",
    ),
    category=Category.HAPPY_PATH,
    about="What became of a bet, and what it won, can be asked for; an unknown one is not there.",
    drive=_drive,
)
