"""We hang up before the answer."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for _ in range(3):
        player = await platform.player()
        session = await platform.session(player)
        before = await platform.funds(player)
        ask = platform.bet_ask(player, session, 200)
        await platform.send(ask, manner=Manner(hang_up=True))
        done = await platform.known(await platform.send(ask))
        platform.accepted(done, "the repeat of a bet whose answer was lost")
        await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.bet.lost-answer",
    rules=(
        "WAL-72",
        "WAL-06",
    ),
    category=Category.RECOVERY,
    about="A bet whose answer was lost is repeated with its key and held once.",
    drive=_drive,
)
