"""A thin line."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from simulator.chaos.fault import Fault
from simulator.chaos.seam import Forward, Piece, Seam, deliver
from simulator.wire.calls import Reply

TICKS_A_S = 10
"""The answer goes out in so many parts a second."""


@dataclass(frozen=True, slots=True)
class Throttle(Fault):
    """Let call and answer pass over a line of so many bytes a second."""

    bytes_per_s: Annotated[
        int, msgspec.Meta(ge=1, le=1_000_000_000, description="What the line carries a second.")
    ] = 1_000

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        await seam.wait_ms(len(seam.call.body) * 1_000 // self.bytes_per_s)
        reply = await forward()
        size = max(1, self.bytes_per_s // TICKS_A_S)
        full = len(reply.body) // size
        tick_ms = max(1_000 // TICKS_A_S, 1_000 // self.bytes_per_s)
        return deliver(reply, pieces=(Piece(tick_ms, size),) * (full + 1))
