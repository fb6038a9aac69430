"""A body in small pieces."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from simulator.chaos.fault import MS_MAX, NOT_READ, Fault, Place, only_calls
from simulator.chaos.seam import Forward, Piece, Seam, deliver
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class SlowBody(Fault):
    """Send the head of the answer at once and its body in pieces, with a pause before each."""

    piece_bytes: Annotated[
        int, msgspec.Meta(ge=1, le=1_048_576, description="The size of a piece.")
    ] = 64
    pause_ms: Annotated[
        int, msgspec.Meta(ge=0, le=MS_MAX, description="The pause before each piece.")
    ] = 100

    def why_not(self, place: Place) -> str | None:
        return only_calls(place, NOT_READ)

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        reply = await forward()
        pieces = -(-len(reply.body) // self.piece_bytes)
        seam.note(pieces=pieces)
        return deliver(reply, pieces=(Piece(self.pause_ms, self.piece_bytes),) * pieces)
