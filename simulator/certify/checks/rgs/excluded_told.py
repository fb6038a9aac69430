"""Somebody has tried to play."""

from collections.abc import Mapping
from typing import Any

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    rgs.given(await rgs.exclude(playing.player))
    rgs.refused(await rgs.spin(playing), what="a paid spin of a self-excluded player")
    feed = await rgs.told(playing.player, lambda events: any(map(_is_it, events)))
    rgs.require(
        any(map(_is_it, feed)),
        f"what was refused to {playing.player.id} is told as rg_event: {feed}",
    )


def _is_it(event: Mapping[str, Any]) -> bool:
    return event.get("event_type") == "rg_event"


CHECK = Check(
    id="rgs.excluded.told",
    rules=(
        "RGS-30",
        "PRV-43",
    ),
    category=Category.RECOVERY,
    needs=(Need.CREATE_PLAYER,),
    about="What responsible gaming refuses, or changes, is told as rg_event.",
    drive=_drive,
)
