"""A list, page by page."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
    names = [jackpot.names.new("c") for _ in range(9)]

    async def contribute(contrib: str) -> None:
        ask = jackpot.contribute_ask(pool, player, part.stake, contrib=contrib)
        jackpot.given(await jackpot.send(ask))

    for contrib in names[:6]:
        await contribute(contrib)
    path = f"/v1/jp/contributions?player_id={player.id}&limit=4&order=asc"
    done = jackpot.given(await jackpot.send(jackpot.ask("GET", path)))
    for contrib in names[6:]:
        await contribute(contrib)
    found = [one.get("jp_contrib_id") for one in done.at("items") or []]
    while done.at("has_more") and len(found) < 50:
        more = jackpot.ask("GET", f"{path}&cursor={done.at('next_cursor')}")
        done = jackpot.given(await jackpot.send(more))
        found += [one.get("jp_contrib_id") for one in done.at("items") or []]
    jackpot.require(len(set(found)) == len(found), f"nothing is on two pages: {found}")
    missing = [contrib for contrib in names if contrib not in found]
    jackpot.require(not missing, f"everything is on some page; missing are {missing}")


CHECK = Check(
    id="jackpot.list.pages",
    rules=(
        "PRV-60",
        "JP-14",
    ),
    category=Category.RECOVERY,
    needs=(Need.CREATE_PLAYER,),
    about="Pages of a list neither skip nor repeat while others write.",
    drive=_drive,
)
