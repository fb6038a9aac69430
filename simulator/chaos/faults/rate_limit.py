"""Too many calls."""

from dataclasses import dataclass
from email.utils import formatdate
from typing import Annotated

import msgspec

from simulator.base.clock import NS_PER_S
from simulator.chaos.fault import Fault
from simulator.chaos.refusals import refusal
from simulator.chaos.seam import Forward, Seam, reply_with
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class RateLimit(Fault):
    """Answer 429 with Retry-After and RateLimit headers; nothing is processed (PRV-62)."""

    retry_after_s: Annotated[
        int, msgspec.Meta(ge=0, le=86_400, description="Seconds until it may be tried again.")
    ] = 1
    as_date: Annotated[
        bool, msgspec.Meta(description="Write Retry-After as a date (RFC 9110 §10.2.3).")
    ] = False
    limit: Annotated[
        int, msgspec.Meta(ge=1, le=1_000_000, description="The quota that the headers tell of.")
    ] = 100
    window_s: Annotated[
        int, msgspec.Meta(ge=1, le=86_400, description="The seconds that the quota is for.")
    ] = 1

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        said = "chaos: too many calls"
        reply = refusal(429, seam.trace_id, said, retry_after_s=self.retry_after_s)
        until_s = seam.now_ns // NS_PER_S + self.retry_after_s
        dated = {"retry-after": formatdate(until_s, usegmt=True)} if self.as_date else {}
        return reply_with(
            reply,
            {
                **dated,
                # The draft's fields and the names that most APIs had before it.
                "ratelimit-policy": f'"default";q={self.limit};w={self.window_s}',
                "ratelimit": f'"default";r=0;t={self.retry_after_s}',
                "x-ratelimit-limit": str(self.limit),
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": str(until_s),
            },
        )
