"""A body that says it is something else."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from simulator.chaos.fault import NOT_READ, Fault, Place, only_calls
from simulator.chaos.seam import Forward, Seam, reply_with
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class WrongContentType(Fault):
    """Let the call through and answer with another Content-Type than the body has."""

    media_type: Annotated[
        str,
        msgspec.Meta(pattern=r"^[\x20-\x7e]{1,200}$", description="What Content-Type says."),
    ] = "text/html; charset=utf-8"

    def why_not(self, place: Place) -> str | None:
        return only_calls(place, NOT_READ)

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        return reply_with(await forward(), {"content-type": self.media_type})
