"""No answer."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from simulator.chaos.fault import MS_MAX, Fault
from simulator.chaos.refusals import HOLD_MS
from simulator.chaos.seam import Forward, Seam, Silent
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class TimeOut(Fault):
    """Process nothing and answer nothing, until the caller gives up."""

    hold_ms: Annotated[
        int, msgspec.Meta(ge=0, le=MS_MAX, description="The connection is closed after this time.")
    ] = HOLD_MS

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        raise Silent(self.hold_ms)
