"""The answer to a win is lost."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    ask = platform.settle_ask(player, 500, bet=bet, round_id=round_id)
    await platform.send(ask, manner=Manner(hang_up=True))
    done = await platform.known(await platform.send(ask))
    platform.accepted(done, "the repeat of a win whose answer was lost")
    await platform.held(player, before, 500, -200)


CHECK = Check(
    id="platform.settle.lost-answer",
    rules=(
        "WAL-72",
        "WAL-21",
        "WAL-26",
    ),
    category=Category.RECOVERY,
    about="A win whose answer was lost is repeated with its key and paid once.",
    drive=_drive,
)
