"""A body without its end."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from simulator.chaos.fault import NOT_READ, Fault, Place, only_calls
from simulator.chaos.seam import Forward, Seam, deliver
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class CutBody(Fault):
    """Let the call through and cut the body of its answer off, short of its Content-Length."""

    at_byte: Annotated[
        int | None, msgspec.Meta(description="So many bytes go out; without it, half of them.")
    ] = None
    by: Annotated[
        Literal["close", "reset"], msgspec.Meta(description="How the connection ends: FIN or RST.")
    ] = "close"

    def __post_init__(self) -> None:
        if self.at_byte is not None and self.at_byte < 0:
            raise ValueError("at_byte: is at least 0")

    def why_not(self, place: Place) -> str | None:
        return only_calls(place, NOT_READ)

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        reply = await forward()
        half = len(reply.body) // 2
        stops_at = half if self.at_byte is None else min(self.at_byte, max(0, len(reply.body) - 1))
        seam.note(at_byte=stops_at)
        return deliver(reply, stops_at=stops_at, ends=self.by)
