"""Two clocks that disagree."""

from dataclasses import dataclass
from email.utils import formatdate
from typing import Annotated

import msgspec

from simulator.base.clock import NS_PER_MS, NS_PER_S
from simulator.chaos.fault import Fault
from simulator.chaos.seam import Forward, Seam, reply_with
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class ClockSkew(Fault):
    """Let the callee's clock seem off: a signed call looks older or newer, and so does the Date."""

    by_ms: Annotated[
        int,
        msgspec.Meta(
            ge=-(2**40),
            le=2**40,
            description="So far ahead is the callee's clock; below 0 it is behind.",
        ),
    ] = 600_000

    def __post_init__(self) -> None:
        if not self.by_ms:
            raise ValueError("by_ms: a clock that is off by 0 is right")

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        reply = await forward(seam.host.resign(seam.call, -self.by_ms * NS_PER_MS))
        seconds = max(0, (seam.now_ns + self.by_ms * NS_PER_MS) // NS_PER_S)
        return reply_with(reply, {"date": formatdate(seconds, usegmt=True)})
