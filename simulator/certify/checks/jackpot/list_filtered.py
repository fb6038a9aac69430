"""A list of some."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
    kept, undone = jackpot.names.new("c"), jackpot.names.new("c")
    for contrib in (kept, undone):
        ask = jackpot.contribute_ask(pool, player, part.stake, contrib=contrib)
        jackpot.given(await jackpot.send(ask))
    jackpot.given(await jackpot.send(jackpot.reverse_ask(undone)))
    for status, inside, outside in (("recorded", kept, undone), ("reversed", undone, kept)):
        query = {"status": status, "player_id": player.id, "order": "desc"}
        found = await jackpot.pages("/v1/jp/contributions", **query)
        names = [one.get("jp_contrib_id") for one in found]
        jackpot.require(
            names.count(inside) == 1 and outside not in names,
            f"what is {status} is {inside} and not {outside}, and the list has {names}",
        )
    _, fell = await jackpot.fallen(pool, player)
    payout = str(fell.at("jp_payout_id"))
    ended = str((await jackpot.settled(payout)).at("status"))
    for status in ("credited", "parked"):
        query = {"status": status, "player_id": player.id, "order": "desc"}
        found = await jackpot.pages("/v1/jp/payouts", **query)
        others = [one for one in found if one.get("status") != status]
        names = [one.get("jp_payout_id") for one in found]
        jackpot.require(
            not others and names.count(payout) == (status == ended),
            f"{payout} is {ended}, and among what is {status} the list has {found}",
        )


CHECK = Check(
    id="jackpot.list.filtered",
    rules=(
        "PRV-60",
        "JP-14",
    ),
    category=Category.RECOVERY,
    about="A list of what has one status has all of it, and nothing else.",
    drive=_drive,
)
