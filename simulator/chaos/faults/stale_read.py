"""Yesterday's answer."""

from dataclasses import dataclass

from simulator.chaos.fault import Fault, Place
from simulator.chaos.seam import Forward, Seam
from simulator.wire.calls import Reply

MEMORY = 10_000
"""Questions whose last answer is remembered; beyond, no new ones."""


@dataclass(frozen=True, slots=True)
class StaleRead(Fault):
    """Answer a read with what it was last answered while this rule did not strike it.

    The first time that a question is asked there is nothing old to answer it with: the fault lets
    it through, and remembers.
    """

    def why_not(self, place: Place) -> str | None:
        return "it writes: only a read can be answered from an old copy" if place.writes else None

    def can_strike(self, seam: Seam) -> bool:
        return seam.key in seam.memory

    def watch(self, seam: Seam, reply: Reply) -> None:
        if reply.status == 200 and (seam.key in seam.memory or len(seam.memory) < MEMORY):
            seam.memory[seam.key] = reply

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        return seam.memory[seam.key]
