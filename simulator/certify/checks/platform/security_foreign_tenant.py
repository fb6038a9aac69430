"""Somebody else’s player."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun(200)
    own = platform.given(await platform.bet(player, session, 100))
    before = await platform.funds(player)
    asks = (
        own.ask,  # with the key of this tenant, whose answer is not for others
        platform.ask("GET", f"/v1/rounds/{round_id}"),
        platform.ask("GET", f"/v1/players/{player.id}"),
        platform.ask("GET", f"/v1/bets/{bet}"),
        platform.ask("GET", f"/v1/sessions/{session}"),
        platform.session_ask(player),
        platform.bet_ask(player, session, 100),
        platform.settle_ask(player, 500, bet=bet, round_id=round_id),
        platform.rollback_ask(bet=bet, round_id=round_id),
    )
    *others, rollback = await questions.by_another_tenant(platform, *asks)
    for path in (f"/v1/bets?player_id={player.id}", f"/v1/events?player_id={player.id}"):
        (done,) = await questions.by_another_tenant(platform, platform.ask("GET", path))
        platform.require(not done.at("items"), f"nothing of this player is listed, and {done}")
    for done in others:
        platform.refused(done, what="what another tenant does with this player")
    await questions.in_anothers_name(platform, lambda: platform.bet_ask(player, session, 100))
    platform.require(rollback.status < 500, f"it is answered for good, and {rollback}")
    await platform.held(player, before, 0, 0)  # a tombstone of their own is no harm
    later = await platform.rollback(bet=bet, round_id=round_id)
    platform.accepted(later, "the rollback by the tenant whose bet it is")
    await platform.held(player, before, 200, -200)


CHECK = Check(
    id="platform.security.foreign-tenant",
    rules=(
        "PRV-11",
        "PRV-63",
    ),
    category=Category.SECURITY,
    needs=(Need.OTHER_CLIENT,),
    about="Another tenant neither sees nor moves what is of this one; nor do we in its name.",
    drive=_drive,
)
