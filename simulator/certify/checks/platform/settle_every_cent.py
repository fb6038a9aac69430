"""To the cent."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform

WINS = {"0.29": 29, "0.57": 57, "1.1": 110, "4.35": 435, "8.7": 870, "19.99": 1_999, "3": 300}
"""As a JSON number → minor units; most are no binary fraction."""


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player)
    for text, minor in WINS.items():
        round_id, bet = platform.names.new("r"), platform.names.new("b")
        platform.given(await platform.bet(player, session, 100, bet=bet, round_id=round_id))
        before = await platform.funds(player)
        ask = platform.settle_ask(player, 777, bet=bet, round_id=round_id)
        body = ask.body.replace(b'"amount":7.77', b'"amount":' + text.encode())
        done = await platform.send(platform.ask("POST", ask.path, body))
        platform.accepted(done, f"a win that is written as {text}")
        await platform.held(player, before, minor, -100)


CHECK = Check(
    id="platform.settle.every-cent",
    rules=("PRV-03",),
    category=Category.PROTOCOL,
    about="A win is what its number says, with two decimals, one or none.",
    drive=_drive,
)
