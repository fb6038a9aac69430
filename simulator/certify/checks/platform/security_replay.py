"""Signed once, sent twice."""

from functools import partial

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, _round_id, _bet, before = await platform.begun()
    fresh = partial(platform.bet_ask, player, session, 200)
    await questions.signed_at_another_time(platform, fresh)
    await platform.held(player, before, 0, 0)
    await questions.nonce_used_twice(platform, fresh)
    await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.security.replay",
    rules=("WAL-71",),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signed request is good once, and only near its time.",
    when=lambda profile: profile.signature == "whole_request",
    drive=_drive,
)
