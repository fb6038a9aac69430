"""Done, and nobody hears of it."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from simulator.chaos.fault import MS_MAX, Fault
from simulator.chaos.refusals import HOLD_MS
from simulator.chaos.seam import Closed, Forward, Seam, Silent, deliver
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class LoseReply(Fault):
    """Let the call through, then lose its answer: done, and the caller cannot know it."""

    moment: Annotated[
        Literal["first_byte", "mid_body", "time_out"],
        msgspec.Meta(
            description="The connection closes before the answer's first byte, is reset in the "
            "middle of its body, or stays silent until the caller's time-out."
        ),
    ] = "first_byte"
    after_ms: Annotated[
        int, msgspec.Meta(ge=0, le=MS_MAX, description="So long after the call was processed.")
    ] = 0

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        reply = await forward()
        await seam.wait_ms(self.after_ms)
        if self.moment == "first_byte":
            raise Closed
        if self.moment == "time_out":
            raise Silent(HOLD_MS)
        return deliver(reply, stops_at=len(reply.body) // 2, ends="reset")
