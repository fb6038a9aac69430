"""To the cent."""

from simulator.certify.check import Category, Check
from simulator.certify.money import spellings, with_amount
from simulator.certify.roles.platform import Platform

WINS = (29, 57, 110, 435, 870, 1_001, 1_999, 3_000)
"""Minor units; in most currencies they are no binary fractions."""


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player)
    for text, minor in spellings(player.currency, WINS).items():
        round_id, bet = platform.names.new("r"), platform.names.new("b")
        platform.given(await platform.bet(player, session, 100, bet=bet, round_id=round_id))
        before = await platform.funds(player)
        ask = platform.settle_ask(player, 777, bet=bet, round_id=round_id)
        done = await platform.send(platform.ask("POST", ask.path, with_amount(ask.body, text)))
        platform.accepted(done, f"a win that is written as {text}")
        await platform.held(player, before, minor, -100)


CHECK = Check(
    id="platform.settle.every-cent",
    rules=("PRV-03",),
    category=Category.PROTOCOL,
    about="A win is what its number says, with all decimals, fewer or none.",
    drive=_drive,
)
