"""The feed tells of what waits for a person."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from simulator.certify.check import Category, Check, Need
from simulator.certify.eventually import eventually
from simulator.certify.roles.jackpot import Jackpot

TOPICS = ("jp.payout.parked", "aml.alert.opened")


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    async with jackpot.parked(pool, "AML") as (player, _before, payout, _owed, _shown):
        found = await eventually(
            partial(jackpot.pages, "/v1/jp/events", player_id=player.id, order="desc", limit="100"),
            lambda seen: all(_counts(seen, payout).values()),
        )
        for topic, count in _counts(found, payout).items():
            jackpot.require(count == 1, f"there has to be one {topic} of {payout}, not {count}")


def _counts(found: Iterable[Mapping[str, Any]], payout: str) -> dict[str, int]:
    """How many events of each topic tell of a payout."""
    told = [one.get("event_type") for one in found if payout in str(one.get("payload"))]
    return {topic: told.count(topic) for topic in TOPICS}


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
