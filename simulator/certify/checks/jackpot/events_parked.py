"""The feed tells of what waits for a person."""

import asyncio

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot

TOPICS = ("jp.payout.parked", "aml.alert.opened")


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    async with jackpot.parked(pool, "AML") as (player, _before, payout, _owed, _shown):
        counts = dict.fromkeys(TOPICS, 0)
        for pause_s in (0.1, 0.4, 1, 0):
            query = {"player_id": player.id, "order": "desc", "limit": "100"}
            found = await jackpot.pages("/v1/jp/events", **query)
            told = [one.get("event_type") for one in found if payout in str(one.get("payload"))]
            counts = {topic: told.count(topic) for topic in TOPICS}
            if all(counts.values()):
                break
            await asyncio.sleep(pause_s)
        for topic, count in counts.items():
            jackpot.require(count == 1, f"there has to be one {topic} of {payout}, not {count}")


CHECK = Check(
    id="jackpot.events.parked",
    rules=(
        "JP-20",
        "JP-53",
    ),
    category=Category.RECOVERY,
    needs=(Need.BLOCK_PAYOUTS,),
    about="A payout that is stopped for AML has one event that it is parked, and one that an alert "
    "was opened.",
    blind="Events that the target keeps back from this client.",
    drive=_drive,
)
