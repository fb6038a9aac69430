"""A list, page by page."""

from simulator.certify.check import Category, Check
from simulator.certify.credentials import stamp
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player)
    bets = [platform.names.new("b") for _ in range(9)]
    for bet in bets[:6]:
        platform.given(await platform.bet(player, session, 100, bet=bet))
    begun = stamp(platform.target.now_ns() - 2_000_000_000)
    since = "" if player.fresh else f"&occurred_at_from={begun}"
    path = f"/v1/bets?player_id={player.id}&limit=4&order=asc{since}"
    first = platform.given(await platform.send(platform.ask("GET", path)))
    for bet in bets[6:]:
        platform.given(await platform.bet(player, session, 100, bet=bet))
    found = [one.get("bet_id") for one in first.at("items") or []]
    cursor, more = first.at("next_cursor"), first.at("has_more")
    while more and len(found) < 5_000:
        done = platform.given(await platform.send(platform.ask("GET", f"{path}&cursor={cursor}")))
        found += [one.get("bet_id") for one in done.at("items") or []]
        cursor, more = done.at("next_cursor"), done.at("has_more")
    platform.require(len(set(found)) == len(found), f"no bet is on two pages: {found}")
    missing = [bet for bet in bets if bet not in found]
    platform.require(not missing, f"every bet is on some page; missing are {missing}")


CHECK = Check(
    id="platform.events.pages",
    rules=(
        "PRV-60",
        "WAL-85",
    ),
    category=Category.RECOVERY,
    about="Pages of a list neither skip nor repeat while others write.",
    drive=_drive,
)
