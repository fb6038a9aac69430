"""The call never arrives."""

from dataclasses import dataclass

from simulator.chaos.fault import Fault
from simulator.chaos.seam import Closed, Forward, Seam
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class LoseRequest(Fault):
    """Lose the call before it is processed; the connection is closed without an answer."""

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        raise Closed
