"""Who calls, what is called, what comes back: the three nouns that every seam shares."""

from collections.abc import Mapping

import msgspec


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands behind one call, after authentication and the checks of brand and region.

    Everything a decision reads or writes is cut to this tenant, brand and region (PRV-63).
    """

    client: str
    tenant: str
    brand: str
    region: str
    licence: str
    provider: str
    trace_id: str
    scopes: frozenset[str] = frozenset()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP call, before any transport has touched it.

    `to` is the party it is for, `target` its path plus query as they go on the wire.
    """

    method: str
    target: str
    to: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
