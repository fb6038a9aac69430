"""One id, two players."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    other = await platform.other_player()
    session = await platform.session(other)
    theirs = await platform.funds(other)
    done = await platform.bet(other, session, 200, bet=bet, round_id=platform.names.new("r"))
    platform.refused(done, what="another player's bet with a known id")
    await platform.held(other, theirs, 0, 0)
    win = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.accepted(win, "the win of the bet whose id it is")
    await platform.held(player, before, 500, -200)


CHECK = Check(
    id="platform.bet.other-player",
    rules=("WAL-07",),
    category=Category.IDEMPOTENCY,
    about="A known bet id in the name of another player is refused, and the bet stays as it was.",
    when=lambda profile: profile.transaction_scope == "tenant",
    drive=_drive,
)
