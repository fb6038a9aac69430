"""Lists of one player, both ways."""

from collections.abc import Mapping
from typing import Any

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.credentials import stamp
from simulator.certify.roles.platform import Platform

TURNS = 2


async def _drive(platform: Platform) -> None:
    begun = stamp(platform.target.now_ns() - 2_000_000_000)
    player, other = await platform.player(), await platform.other_player()
    sessions = {one.id: await platform.session(one) for one in (player, other)}
    bets: dict[str, list[str]] = {player.id: [], other.id: []}
    for _ in range(TURNS):  # so that pages end between bets of one player, and of both
        for one in (player, player, player, other):
            bets[one.id].append(platform.names.new("b"))
            platform.given(await platform.bet(one, sessions[one.id], 0, bet=bets[one.id][-1]))
    query = {"player_id": player.id, "limit": "2"}
    if not player.fresh:
        query |= {"limit": "50", "occurred_at_from": begun}
    for path in ("/v1/bets", "/v1/events"):
        for order in ("asc", "desc"):
            found = await platform.pages(path, **query, order=order)
            what = f"{path} of a player, order={order},"
            _judge(platform, found, bets[player.id], bets[other.id], what)


def _judge(
    platform: Platform,
    found: list[Mapping[str, Any]],
    ours: list[str],
    theirs: list[str],
    what: str,
) -> None:
    ids = [str(one.get("event_id", one.get("bet_id"))) for one in found]
    bets = [one.get("bet_id", (one.get("payload") or {}).get("bet_id")) for one in found]
    questions.listed(platform, what, ids, bets, ours, theirs)


CHECK = Check(
    id="platform.list.filtered",
    rules=("PRV-60", "PRV-61"),
    category=Category.RECOVERY,
    about="On every page a list has what was asked for and nothing else, oldest or newest first.",
    blind="Whether bets come in the order that was asked for.",
    drive=_drive,
)
