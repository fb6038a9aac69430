"""Delivered twice."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

import msgspec

from simulator.chaos.fault import Fault, Place, only_writes
from simulator.chaos.seam import Forward, Seam
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class Duplicate(Fault):
    """Deliver the call more than once; the caller gets the answer to the first copy (SBX-05)."""

    copies: Annotated[
        int, msgspec.Meta(ge=2, le=10, description="How often it arrives in all.")
    ] = 2
    parallel: Annotated[
        bool, msgspec.Meta(description="All at the same time, instead of one after the other.")
    ] = False
    resign: Annotated[
        bool,
        msgspec.Meta(
            description="Sign each copy anew, so that it meets idempotency; false sends the same "
            "bytes, which meet the nonce check (401, no effect) where calls are signed."
        ),
    ] = True

    def why_not(self, place: Place) -> str | None:
        return only_writes(place)

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        again = [
            seam.host.resign(seam.call) if self.resign else seam.call
            for _ in range(self.copies - 1)
        ]
        if self.parallel:
            replies = await asyncio.gather(forward(), *(forward(copy) for copy in again))
        else:
            replies = [await forward()] + [await forward(copy) for copy in again]
        seam.note(statuses="+".join(str(reply.status) for reply in replies))
        return replies[0]
