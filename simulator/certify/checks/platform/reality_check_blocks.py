"""How long have you played?"""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player, constraints={"rg_flags": {"reality_check_min": 1}})
    round_id, bet = platform.names.new("r"), platform.names.new("b")
    platform.given(await platform.bet(player, session, 200, bet=bet, round_id=round_id))
    await platform.hook(Need.ADVANCE_CLOCK, seconds="90")
    before = await platform.funds(player)
    due = await platform.bet(player, session, 100)
    platform.refused(due, "RG_BLOCK", "RG_BLOCKED", what="a bet while a reality check is due")
    if platform.profile.reality_check == "until_acknowledged":
        again = await platform.bet(player, session, 100)
        platform.refused(again, what="another bet before the check was acknowledged")
    win = await platform.settle(player, 500, bet=bet, round_id=round_id)
    platform.accepted(win, "a win while a reality check is due")
    await platform.held(player, before, 500, -200)
    seen = platform.ask("POST", f"/v1/sessions/{session}/acknowledge")
    platform.accepted(await platform.send(seen), "the acknowledgement")
    await questions.stay_refused(platform, due)
    await platform.held(player, before, 500, -200)
    platform.accepted(await platform.bet(player, session, 100), "a bet after the acknowledgement")
    await platform.hook(Need.ADVANCE_CLOCK, seconds="90")
    next_ = await platform.bet(player, session, 100)
    platform.refused(next_, "RG_BLOCK", "RG_BLOCKED", what="a bet when the next check is due")


CHECK = Check(
    id="platform.reality-check.blocks",
    rules=(
        "WAL-65",
        "PRV-28",
        "PRV-30",
    ),
    category=Category.LIMITS,
    needs=(Need.ADVANCE_CLOCK,),
    about="A due reality check blocks bets until it is acknowledged, and never wins.",
    drive=_drive,
)
