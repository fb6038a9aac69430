"""More and less than is asked for."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    whole = platform.bet_ask(player, session, 200, bet="TAKEN", round_id=round_id)
    for now in (b"", b'"bet_id":"",', b'"bet_id":null,'):
        body = whole.body.replace(b'"bet_id":"TAKEN",', now)
        done = await platform.send(platform.ask("POST", whole.path, body))
        platform.refused(done, what=f"a bet id that is {now.decode() or 'missing'}")
    await platform.held(player, before, 0, 0)
    more = {"note": "x", "nested": {"a": [1]}}
    done = await platform.bet(player, session, 200, bet=bet, round_id=round_id, **more)
    platform.accepted(done, "a bet with fields that the target does not know")
    await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.bet.extra-fields",
    rules=("WAL-17",),
    category=Category.PROTOCOL,
    about="Fields that nobody knows are tolerated; a missing or empty bet id is not.",
    drive=_drive,
)
