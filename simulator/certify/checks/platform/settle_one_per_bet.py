"""Several bets, one settlement each."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun(200)
    other = platform.names.new("b")
    platform.accepted(
        await platform.bet(player, session, 300, bet=other, round_id=round_id),
        "another bet in the same round",
    )
    platform.given(await platform.settle(player, 500, bet=bet, round_id=round_id))
    second = await platform.settle(player, 600, bet=bet, round_id=round_id)
    platform.refused(second, what="another settlement of the same bet")
    done = await platform.settle(player, 0, bet=other, round_id=round_id)
    platform.accepted(done, "the settlement of the other bet")
    await platform.held(player, before, 200, -200)


CHECK = Check(
    id="platform.settle.one-per-bet",
    rules=(
        "WAL-23",
        "PRV-22",
    ),
    category=Category.HAPPY_PATH,
    about="One settlement per bet; a round holds several bets.",
    drive=_drive,
)
