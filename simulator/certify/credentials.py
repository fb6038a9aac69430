"""How the suite proves who it is: a bearer token, or a signature of each request (PRV-10).

Written from docs/signing.md and RFC 6749, and from nothing that the target runs.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.certify.exchange import Answer, Ask
from simulator.certify.reading import NotJson, parse
from simulator.certify.wires.elsewhere import send_to
from simulator.certify.wires.wire import Wire

TOKEN_TIMEOUT_MS = 5_000
"""For a token from another host than the target; the target's own time-out counts elsewhere."""


class NoEntry(Exception):
    """The target gives no token; the message says what it answered."""


class Credentials(Protocol):
    """Adds to a request what proves its sender."""

    async def prove(self, ask: Ask, *, now_ns: int, nonce: str) -> Ask: ...
    def forget(self) -> None:
        """What was fetched is no longer believed (a 401)."""
        ...


class Plain:
    """The configured headers are all."""

    async def prove(self, ask: Ask, *, now_ns: int, nonce: str) -> Ask:
        return ask

    def forget(self) -> None:
        return


class Bearer:
    """A token by client credentials (RFC 6749 §4.4), fetched when it is first needed."""

    def __init__(self, wire: Wire, path: str, client_id: str, secret: str) -> None:
        self._wire = wire
        self._path = path
        self._client = client_id
        self._secret = secret
        self._token = ""

    async def prove(self, ask: Ask, *, now_ns: int, nonce: str) -> Ask:
        """Raises NoEntry."""
        if not self._token:
            self._token = await self._fetch()
        return with_headers(ask, {"Authorization": f"Bearer {self._token}"})

    def forget(self) -> None:
        self._token = ""

    async def _fetch(self) -> str:
        ask = token_ask(self._path, self._client, self._secret)
        reply = await send_to(self._path, ask, self._wire, timeout_ms=TOKEN_TIMEOUT_MS)
        if not isinstance(reply, Answer):
            raise NoEntry(f"POST {self._path} for a token: {reply.why}")
        token = _token(reply)
        if token is None:
            said = reply.body[:200].decode("utf-8", "replace")
            raise NoEntry(
                f"POST {self._path} gave no token for client {self._client!r}: "
                f"{reply.status} {said!r}; look at client_id, client_secret and token_url"
            )
        return token


class Signed:
    """Signs timestamp, nonce, method, target and raw body, or the raw body alone
    (docs/signing.md; RGS-07)."""

    def __init__(
        self, prefix: str, client_id: str, key: str, algorithm: str, *, body_only: bool = False
    ) -> None:
        self._body_only = body_only
        self._prefix = prefix
        self._client = client_id
        self._key = key.encode()
        self._algorithm = algorithm

    async def prove(self, ask: Ask, *, now_ns: int, nonce: str) -> Ask:
        return with_headers(ask, self.headers(ask, stamp(now_ns), nonce))

    def headers(self, ask: Ask, timestamp: str, nonce: str) -> Mapping[str, str]:
        """What is sent beside the request."""
        if self._body_only:
            return {
                "X-Client-Id": self._client,
                "X-Signature-Algorithm": self._algorithm,
                "X-Signature": self._sign(ask.body),
            }
        front = f"{timestamp}\n{nonce}\n{ask.method}\n{self._prefix}{ask.path}\n".encode()
        signed = front + (ask.body if ask.method != "GET" else b"")
        return {
            "X-Client-Id": self._client,
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature-Algorithm": self._algorithm,
            "X-Signature": self._sign(signed),
        }

    def forget(self) -> None:
        return

    def _sign(self, signed: bytes) -> str:
        if self._algorithm == "ed25519":
            seed = hashlib.sha256(self._key).digest()
            return Ed25519PrivateKey.from_private_bytes(seed).sign(signed).hex()
        return hmac.digest(self._key, signed, "sha256").hex()


def token_ask(path: str, client_id: str, secret: str, scope: str = "") -> Ask:
    """A request for a token (RFC 6749 §4.4.2), for all that the client may do or some of it."""
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
    return Ask("POST", path, headers, urlencode(form).encode())


def stamp(now_ns: int) -> str:
    """A moment as `X-Timestamp` has it."""
    return written(datetime.fromtimestamp(now_ns // 1_000_000_000, UTC))


def written(moment: datetime) -> str:
    """A moment of UTC, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def with_headers(ask: Ask, more: Mapping[str, str]) -> Ask:
    """The same request with further headers."""
    return Ask(ask.method, ask.path, {**ask.headers, **more}, ask.body)


def _token(answer: Answer) -> str | None:
    try:
        said: Any = parse(answer.body)
    except NotJson:
        return None
    token = said.get("access_token") if isinstance(said, dict) else None
    return token if answer.status == 200 and isinstance(token, str) and token else None
