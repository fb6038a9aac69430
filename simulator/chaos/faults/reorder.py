"""Held back."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from simulator.base.clock import NS_PER_MS
from simulator.chaos.fault import MS_MAX, Fault
from simulator.chaos.seam import Forward, Seam
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class Reorder(Fault):
    """Hold the call back until later calls of the rule have passed it, or its time is over. An
    event lets the later ones of its player pass as well, which otherwise wait for it."""

    calls: Annotated[
        int, msgspec.Meta(ge=1, le=1_000, description="So many later calls go first.")
    ] = 1
    within_ms: Annotated[
        int, msgspec.Meta(ge=0, le=MS_MAX, description="It goes on after this time at the latest.")
    ] = 1_000

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        seam.host.let_pass(seam.call)
        overtaken = await seam.later.passed(self.calls, self.within_ms * NS_PER_MS)
        seam.note(overtaken="yes" if overtaken else "no")
        return await forward()
