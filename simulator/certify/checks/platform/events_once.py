"""The feed tells what happened."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, _before = await platform.begun(200)
    free = platform.names.new("b")
    platform.given(await platform.bet(player, session, 0, bet=free, round_id=round_id))
    platform.given(await platform.settle(player, 0, bet=free, round_id=round_id))
    settled = platform.given(await platform.settle(player, 500, bet=bet, round_id=round_id))
    await platform.again(settled)
    again = await platform.bet(player, session, 200, bet=bet, round_id=round_id)
    platform.require(not again.lost and again.status < 500, f"it is answered, and {again}")
    lost = platform.names.new("b")
    platform.given(await platform.bet(player, session, 100, bet=lost, round_id=round_id))
    platform.given(await platform.rollback(bet=lost, round_id=round_id))
    refused = platform.names.new("b")
    more = (await platform.funds(player)).available + 1_000
    await platform.bet(player, session, more, bet=refused, round_id=round_id)
    found = await platform.pages("/v1/events", player_id=player.id, order="desc", limit="200")
    seen = [
        (str(one.get("event_type")), str((one.get("payload") or {}).get("bet_id"))) for one in found
    ]
    for wanted in (
        ("bet.authorized", bet),
        ("bet.settled", bet),
        ("bet.authorized", free),
        ("bet.settled", free),
        ("bet.authorized", lost),
        ("bet.rolled_back", lost),
    ):
        count = seen.count(wanted)
        platform.require(
            count == 1, f"there is one {wanted[0]} of {wanted[1]}, and there are {count}"
        )
    for early, late in (("bet.authorized", "bet.settled"),):
        newest_first = seen.index((late, bet)) < seen.index((early, bet))
        platform.require(newest_first, f"order=desc: {late} of {bet} comes before its {early}")
    none = seen.count(("bet.authorized", refused))
    platform.require(none == 0, f"a refused bet has no bet.authorized, and there are {none}")
    for topic, name, field, minor in (
        ("bet.authorized", bet, "bet", 200),
        ("bet.settled", bet, "bet", 200),
        ("bet.settled", bet, "win", 500),
        ("bet.rolled_back", lost, "bet", 100),
    ):
        payload = found[seen.index((topic, name))].get("payload") or {}
        platform.tells(payload.get(field), player.money(minor), f"{field} in {topic} of {name}")
    ids = [one.get("event_id") for one in found]
    platform.require(len(set(ids)) == len(ids), "no event_id is in the feed twice")


CHECK = Check(
    id="platform.events.once",
    rules=(
        "PRV-34",
        "PRV-40",
        "PRV-41",
    ),
    category=Category.RECOVERY,
    about="Each change has its event, exactly one, with the amounts of the change.",
    blind="Events that the target keeps back from this client.",
    drive=_drive,
)
