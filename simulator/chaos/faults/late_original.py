"""The first copy comes last."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from simulator.base.clock import NS_PER_MS
from simulator.chaos.fault import MS_MAX, Fault, Place, only_writes
from simulator.chaos.refusals import HOLD_MS
from simulator.chaos.seam import Closed, Forward, NoReply, Seam, Silent
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class LateOriginal(Fault):
    """Give no answer, keep the call, and let it arrive after the next call with its key."""

    shows: Annotated[
        Literal["closed", "silence"],
        msgspec.Meta(description="What the caller meets: the end of the connection, or nothing."),
    ] = "closed"
    within_ms: Annotated[
        int, msgspec.Meta(ge=0, le=MS_MAX, description="It arrives after this time at the latest.")
    ] = 30_000

    def why_not(self, place: Place) -> str | None:
        return only_writes(place)

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        seam.host.behind(self._arrive(seam, forward))
        if self.shows == "closed":
            raise Closed
        raise Silent(HOLD_MS)

    async def _arrive(self, seam: Seam, forward: Forward) -> None:
        await seam.later.passed(1, self.within_ms * NS_PER_MS, seam.key)
        with suppress(NoReply):
            await forward()
