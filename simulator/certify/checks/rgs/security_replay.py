"""Signed once, sent twice."""

from functools import partial

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    fresh = partial(rgs.spin_ask, playing)
    await questions.signed_at_another_time(rgs, fresh)
    await rgs.counted(playing, before)
    played = await questions.nonce_used_twice(rgs, fresh)
    await rgs.counted(playing, before, played)


CHECK = Check(
    id="rgs.security.replay",
    rules=(
        "WAL-71",
        "RGS-07",
    ),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signed request is good once, and only near its time.",
    when=lambda profile: profile.signature == "whole_request",
    drive=_drive,
)
