"""Nobody listens."""

from dataclasses import dataclass

from simulator.chaos.fault import Fault, Place
from simulator.chaos.seam import Forward, Refused, Seam
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class Refuse(Fault):
    """Refuse the connection: the call surely was not processed."""

    def why_not(self, place: Place) -> str | None:
        if place.side != "incoming":
            return None
        return (
            f"{place.party} is played here, behind a port that all parties share, and a connection "
            "is accepted before anybody knows whom it is for; take reset, or blackout"
        )

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        raise Refused
