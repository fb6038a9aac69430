"""A party or a region that is down."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from simulator.chaos.fault import Fault
from simulator.chaos.refusals import HOLD_MS, refusal
from simulator.chaos.seam import Forward, Seam, Silent, WasReset
from simulator.chaos.when import When
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class Blackout(Fault):
    """The party, or the region, is down: no call reaches it, in whatever way it shows."""

    shows: Annotated[
        Literal["reset", "silence", "status"],
        msgspec.Meta(
            description="An RST, no answer at all, or 503 from whatever stands before it."
        ),
    ] = "reset"

    def why_not_at(self, call: str) -> str | None:
        if call.endswith("*"):
            return None
        return (
            "a party is down as a whole: name it, or all of them, perhaps by region "
            '(a subscriber by `event: "*"`); or take reset'
        )

    def why_not_when(self, when: When) -> str | None:
        if replace(when, window=None) != When():
            return "what is down is down for every call: it takes a window, or ttl_s, alone"
        return None

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        if self.shows == "reset":
            raise WasReset
        if self.shows == "silence":
            raise Silent(HOLD_MS)
        return refusal(503, seam.trace_id, "down for now", retry_after_s=1)
