"""The connection breaks off."""

from dataclasses import dataclass

from simulator.chaos.fault import Fault
from simulator.chaos.seam import Forward, Seam, WasReset
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class Reset(Fault):
    """Break the connection off with a TCP RST before the call is processed."""

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        raise WasReset
