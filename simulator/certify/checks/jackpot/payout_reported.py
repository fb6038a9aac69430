"""Money laundering is reported."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    async with jackpot.parked(pool, "AML") as (player, before, payout, owed, _):
        await jackpot.hook(Need.BLOCK_PAYOUTS, player_id=player.id, reason="SANCTIONS")
        done = await jackpot.send(jackpot.decide_ask(payout, "release"))
        jackpot.accepted(done, "the release of a parked payout")
        again = await jackpot.settled(payout)
        jackpot.require(again.at("status") == "parked", f"it is refused again, and {again}")
        records = await jackpot.pages("/v1/jp/suspicions")
        mine = [one for one in records if one.get("jp_payout_id") == payout]
        jackpot.require(len(mine) == 1, f"there is one record of it, and {mine}")
        await jackpot.stands_at(player, before, 0, owed, "a refused payout")
        if jackpot.has(Need.OTHER_CLIENT):
            path = "/v1/jp/suspicions?order=desc&limit=100"
            ask = jackpot.ask("GET", path)
            (theirs,) = await questions.by_another_tenant(jackpot, ask)
            jackpot.require(
                payout.encode() not in theirs.raw, f"it is nobody else’s record, and {theirs}"
            )


CHECK = Check(
    id="jackpot.payout.reported",
    rules=(
        "JP-53",
        "WAL-97",
    ),
    category=Category.RECOVERY,
    needs=(Need.BLOCK_PAYOUTS,),
    about="A payout that is stopped for AML or sanctions leaves one record, also when it is "
    "stopped again.",
    drive=_drive,
)
