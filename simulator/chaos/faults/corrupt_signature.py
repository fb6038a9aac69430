"""Proof that does not fit."""

from dataclasses import dataclass

from simulator.chaos.fault import Fault, Place, only_guarded
from simulator.chaos.seam import Forward, Seam, header, with_header
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class CorruptSignature(Fault):
    """Change one digit of the call's signature, or of its token's: it has to be refused."""

    def why_not(self, place: Place) -> str | None:
        return only_guarded(place)

    def can_strike(self, seam: Seam) -> bool:
        return _place(seam) is not None

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        place = _place(seam)
        if place is None:
            return await forward()
        proof = header(seam.call, place) or ""
        # The last digits of base64 may carry bits that mean nothing, so not one of them.
        at = max(0, len(proof) - 8 - seam.below(8, "digit"))
        other = "1" if proof[at] != "1" else "0"
        broken = proof[:at] + other + proof[at + 1 :]
        return await forward(with_header(seam.call, place, broken))


def _place(seam: Seam) -> str | None:
    """The header that carries a signature."""
    if header(seam.call, "x-signature"):
        return "x-signature"
    bearer = (header(seam.call, "authorization") or "").lower().startswith("bearer ")
    return "authorization" if bearer else None
