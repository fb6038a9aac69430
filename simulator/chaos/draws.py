"""The stable key K of a call and how often it has arrived: what chaos draws by (architecture, D1).

K = H(party, operation, client, idempotency key), or without one H(party, operation, client, path,
sorted query, canonical body, brand, region): never trace id, time, nonce, signature or token.
"""

import base64
import binascii
import json as stdlib_json
from collections import OrderedDict
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from simulator.base.ids import digest16
from simulator.chaos.seam import header
from simulator.wire import json
from simulator.wire.calls import Call

KEYS = 100_000
"""Calls whose attempts are remembered; beyond, those seen longest ago begin at 1 again."""

_KEY_NAMES = ("x-idempotency-key", "idempotency-key")


def claimed_client(call: Call) -> str:
    """Who a call says it is from, before anybody has checked it: a stable name, not an identity."""
    named = header(call, "x-client-id")
    if named:
        return named
    scheme, _, proof = (header(call, "authorization") or "").partition(" ")
    try:
        if scheme.lower() == "bearer":
            claims = json.decode(_from_base64(proof.split(".")[1]))
            return str(claims["sub"])
        if scheme.lower() == "basic":
            return unquote_plus(_from_base64(proof).decode().partition(":")[0])
    except (ValueError, LookupError, TypeError, binascii.Error):
        return ""
    return ""


def idempotency_key(call: Call, body: Any) -> str | None:
    """The key that a call carries, in its body or a header (PRV-12, PRV-35)."""
    own = body.get("idempotency_key") if isinstance(body, dict) else None
    if isinstance(own, str):
        return own
    return next((value for name in _KEY_NAMES if (value := header(call, name))), None)


def stable_key(party: str, operation: str, call: Call, body: Any) -> bytes:
    """K, 16 bytes; `body` is the JSON value of the call's body, None where it is none."""
    client = claimed_client(call)
    key = idempotency_key(call, body)
    if key is not None:
        return digest16(party, operation, client, key)
    path, _, query = call.target.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    said = call.body if body is None else canonical(body)
    brand, region = header(call, "x-brand-id") or "", header(call, "x-region") or ""
    return digest16(
        party, operation, client, path, *[part for pair in pairs for part in pair], said, brand,
        region,
    )  # fmt: skip


def canonical(value: Any) -> bytes:
    """One text for each JSON value: names sorted, 2.0 and 2.00 the same."""
    plain = _plain(value)
    return stdlib_json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()


def read_body(call: Call) -> Any:
    """The JSON value of a call's body; None where it has none or is no JSON."""
    if not call.body:
        return None
    try:
        return json.decode(call.body)
    except json.NotJson:
        return None


class Arrivals:
    """How often each K has arrived at this world's seams while a rule matched it."""

    def __init__(self) -> None:
        self.seen: OrderedDict[bytes, int] = OrderedDict()

    def copy(self) -> "Arrivals":
        """The same counts, to go on from elsewhere."""
        other = Arrivals()
        other.seen = self.seen.copy()
        return other

    def count(self, key: bytes) -> int:
        """One more arrival: its attempt, from 1."""
        attempt = self.seen.pop(key, 0) + 1
        self.seen[key] = attempt
        if len(self.seen) > KEYS:
            self.seen.popitem(last=False)
        return attempt


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return f"#{value.normalize():f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"#{value}"
    return value


def _from_base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.strip().replace("+", "-").replace("/", "_") + "===")
