"""Another status."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from simulator.chaos.fault import Fault
from simulator.chaos.refusals import refusal
from simulator.chaos.seam import Forward, Seam
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class Status(Fault):
    """Answer with a status of 4xx or 5xx; nothing is processed, unless `done` says so."""

    status: Annotated[
        int,
        msgspec.Meta(
            ge=400,
            le=599,
            description="In the error model where it has this status, else a gateway's page.",
        ),
    ] = 503
    retry_after_s: Annotated[
        int | None, msgspec.Meta(description="Seconds for a Retry-After header; none without it.")
    ] = None
    done: Annotated[
        bool,
        msgspec.Meta(description="Process the call first: done, and the answer says it failed."),
    ] = False

    def __post_init__(self) -> None:
        if self.retry_after_s is not None and not 0 <= self.retry_after_s <= 86_400:
            raise ValueError("retry_after_s: is in 0..86400")

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        if self.done:
            await forward()
        said = f"chaos: {self.status}"
        return refusal(self.status, seam.trace_id, said, retry_after_s=self.retry_after_s)
