"""A token that is not good any more."""

from dataclasses import dataclass

from simulator.chaos.fault import Fault, Place, only_calls, only_guarded
from simulator.chaos.refusals import refusal
from simulator.chaos.seam import Forward, Seam, header, reply_with
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class ExpireToken(Fault):
    """Answer 401 as if the bearer token had just expired; nothing is processed."""

    def why_not(self, place: Place) -> str | None:
        return only_guarded(place) or only_calls(place, "it is signed; it carries no token")

    def can_strike(self, seam: Seam) -> bool:
        return (header(seam.call, "authorization") or "").lower().startswith("bearer ")

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        said = "the token expired; ask POST /oauth/token again"
        reply = refusal(401, seam.trace_id, said, details={"reason": "token_expired"})
        # RFC 6750 §3.1
        challenge = 'Bearer realm="playmoney", error="invalid_token"'
        return reply_with(reply, {"www-authenticate": challenge})
