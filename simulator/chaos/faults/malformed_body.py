"""A body that nobody can read."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from simulator.chaos.fault import NOT_READ, Fault, Place, only_calls
from simulator.chaos.seam import Forward, Seam
from simulator.wire.calls import Reply


@dataclass(frozen=True, slots=True)
class MalformedBody(Fault):
    """Let the call through and answer with a body that is no JSON, of the right length."""

    how: Annotated[
        Literal["truncated", "html", "not_utf8", "empty"],
        msgspec.Meta(
            description="JSON that ends midway, a page of HTML, bytes that are no UTF-8, nothing."
        ),
    ] = "truncated"

    def why_not(self, place: Place) -> str | None:
        return only_calls(place, NOT_READ)

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        reply = await forward()
        if reply.status == 204:  # it has no body that could be spoilt (RFC 9110 §15.3.5)
            return reply
        match self.how:
            case "truncated":
                body = reply.body[: max(1, len(reply.body) - 1)]
            case "html":
                body = b"<html><body><h1>It works!</h1></body></html>"
            case "not_utf8":
                body = b'{"status": "\xff\xfe"}'
            case "empty":
                body = b""
        return msgspec.structs.replace(reply, body=body)
