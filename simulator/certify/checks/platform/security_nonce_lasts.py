"""Signed ahead of time."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, _round_id, _bet, before = await platform.begun()
    await questions.nonce_lasts(platform, lambda: platform.bet_ask(player, session, 200))
    await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.security.nonce-lasts",
    rules=("WAL-71",),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY, Need.ADVANCE_CLOCK),
    about="A nonce is remembered for as long as its timestamp is good, also if that was ahead.",
    when=lambda profile: profile.signature == "whole_request",
    drive=_drive,
)
