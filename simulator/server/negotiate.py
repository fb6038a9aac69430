"""Which media type an answer goes out as: plain JSON, or the API's own where that is asked for."""

import re
from fractions import Fraction

from simulator.base.errors import NotAcceptable
from simulator.server.exchange import Exchange
from simulator.wire.contract import Operation

JSON = "application/json"
_ANY_JSON = (JSON, "application/*", "*/*")
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")  # RFC 9110 §12.4.2


def negotiate(operation: Operation, exchange: Exchange) -> bytes:
    """The media type of the answer, by `Accept` (RGS-08, RFC 9110 §12.5.1).

    Raises NotAcceptable where neither the API's own type nor plain JSON is allowed. An API without
    a type of its own takes no notice of the header.
    """
    accept = exchange.header(b"accept")
    if operation.media_type is None or not accept:
        return JSON.encode()
    for wanted in _preferred(accept):
        if wanted == operation.media_type:
            return operation.media_type.encode()
        if wanted in _ANY_JSON:
            return JSON.encode()
    raise NotAcceptable(f"{accept[:80]} is not served; ask for {operation.media_type}")


def _preferred(accept: str) -> list[str]:
    """The media ranges of an Accept header, the most wanted first, the unwanted left out."""
    found: list[tuple[Fraction, str]] = []
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((given[2:] for given in parameters if given.startswith("q=")), "1")
        quality = Fraction(weight) if _WEIGHT.fullmatch(weight) else Fraction(1)
        if quality:
            found.append((quality, name))
    return [name for _, name in sorted(found, key=lambda one: one[0], reverse=True)]
