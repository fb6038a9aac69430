"""Which media type an answer goes out as: plain JSON, or the API's own where that is asked for."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from simulator.base.errors import NotAcceptable
from simulator.server.exchange import Exchange
from simulator.wire.contract import Operation

JSON = "application/json"
_ANY_JSON = (JSON, "application/*", "*/*")
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")  # RFC 9110 §12.4.2


class _Range(NamedTuple):
    """A media range of an Accept header."""

    name: str
    parameters: Mapping[str, str]


def negotiate(operation: Operation, exchange: Exchange) -> bytes:
    """The media type of the answer, by `Accept` (PRV-50, RGS-08, RFC 9110 §12.5.1).

    Raises NotAcceptable where an API with a type of its own is asked for neither that nor plain
    JSON, and where one with minor versions is asked for none that it serves. Besides, an API takes
    no notice of types that it does not know.
    """
    accept = exchange.header(b"accept")
    own, minor = operation.media_type, operation.minor
    if not accept or accept in _ANY_JSON or not (own or minor):
        return JSON.encode()
    refused = None
    for wanted in _preferred(accept):
        if wanted.name in _ANY_JSON:
            return JSON.encode()
        if wanted.name == own:
            return own.encode()
        if minor is not None and wanted.name == minor.media_type:
            version = wanted.parameters.get("version", minor.served[-1])
            if version in minor.served:
                return f"{minor.media_type};version={version}".encode()
            refused = refused or f"version {version[:20]} is not served; ask for {minor.served[-1]}"
    if own is not None:
        raise NotAcceptable(f"{accept[:80]} is not served; ask for {own}")
    if refused is not None:
        raise NotAcceptable(f"{refused} or leave it out")
    return JSON.encode()


def _preferred(accept: str) -> list[_Range]:
    """The media ranges of an Accept header, the most wanted first, the unwanted left out."""
    found: list[tuple[Fraction, _Range]] = []
    for part in accept.lower().split(","):
        name, *rest = (piece.strip() for piece in part.split(";"))
        given = dict(piece.partition("=")[::2] for piece in rest)
        weight = given.get("q", "1")
        quality = Fraction(weight) if _WEIGHT.fullmatch(weight) else Fraction(1)
        if quality:
            parameters = {name: value.strip('"') for name, value in given.items()}
            found.append((quality, _Range(name, parameters)))
    return [wanted for _, wanted in sorted(found, key=lambda one: one[0], reverse=True)]
