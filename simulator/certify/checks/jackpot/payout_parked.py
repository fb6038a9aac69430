"""The wallet refuses."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    async with jackpot.parked(pool, "AML") as (player, before, payout, owed, shown):
        jackpot.require(
            "AML" in str(shown.at("reason")), f"it says why the wallet has refused, and {shown}"
        )
        await jackpot.stands_at(player, before, 0, owed, "a refused payout")
        listed = await jackpot.pages("/v1/jp/payouts", status="parked", player_id=player.id)
        ids = [one.get("jp_payout_id") for one in listed]
        jackpot.require(ids.count(payout) == 1, f"it waits in the list of what is parked: {ids}")


CHECK = Check(
    id="jackpot.payout.parked",
    rules=(
        "WAL-97",
        "JP-13",
    ),
    category=Category.RECOVERY,
    needs=(Need.BLOCK_PAYOUTS,),
    about="A payout that the wallet refuses is parked with the reason, and waits for a person.",
    drive=_drive,
)
