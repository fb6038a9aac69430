"""Who is calling: a bearer token that we issued, or a signature with a key that we know.

(PRV-10, RGS-07, WAL-70, WAL-71) A token's signature is checked once and then remembered until it
expires; a request signature is checked each time, and its nonce is good for one use.
"""

import base64
import hmac
import re
import warnings
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OKPKey

from simulator.base.clock import NS_PER_S, Clock, iso, parse_iso
from simulator.base.errors import AuthFailed
from simulator.base.rng import Rng
from simulator.server.clients import Client
from simulator.server.exchange import Exchange
from simulator.server.platform_keys import PlatformKey
from simulator.server.player_tokens import PlayerTokens
from simulator.wire import signing
from simulator.wire.calls import Caller
from simulator.wire.contract import Operation, Parameter

WINDOW_NS = 300 * NS_PER_S
"""How far a signature's timestamp may be from our clock: the five minutes that providers use."""

KNOWN_TOKENS = 10_000
"""Tokens remembered as checked; beyond, all are let go and checked anew."""

_NONCE = re.compile(r"[A-Za-z0-9._~-]{8,128}")

_ALGORITHM = "EdDSA"
"""Ed25519 by the name that JWT libraries know it by (RFC 8037)."""

_TYPE = "JWT"

_UNFIT = "the signature does not fit: unknown client, key, or altered request"
"""One sentence for all of it: which part was wrong helps nobody but an attacker."""


Standing = tuple[int, bytes | None, bytes | None, bytes | None]
"""Which operation, and the headers that say for whom: brand, region, provider."""


class Admitted(NamedTuple):
    """What was let in once, and which of the operation's headers are each call's own."""

    operation: Operation
    caller: Caller
    rest: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """A client, and the scopes that this call may use of those it has."""

    client: Client
    scopes: frozenset[str]
    expires_ns: int = 0
    admitted: dict[Standing, Admitted] = field(default_factory=dict, compare=False, repr=False)
    """What its calls have been let in with: a client's headers are mostly the same each time."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a world's authority knows besides its key: part of the world's state (SBX-04)."""

    issued: int
    nonces: tuple[tuple[int, tuple[str, str]], ...]


class Authority:
    """Issues and checks the credentials of one sandbox; tokens of another are strangers here."""

    def __init__(
        self,
        sandbox: str,
        clients: Mapping[str, Client],
        rng: Rng,
        clock: Clock,
        ttl_s: int,
        *,
        body_only: bool = False,
        platforms: Sequence[PlatformKey] = (),
    ) -> None:
        self.clients = clients
        self._body_only = body_only
        self._sandbox = sandbox
        self._rng = rng
        self._clock = clock
        self._ttl_s = ttl_s
        self._key = _okp_key(rng.draw("token-key", sandbox))
        self.players = PlayerTokens(self._key, platforms)
        self._issued = 0
        self._tokens: dict[bytes, Identity] = {}
        self._nonces: set[tuple[str, str]] = set()
        self._nonce_ages: deque[tuple[int, tuple[str, str]]] = deque()

    def authenticate(self, exchange: Exchange) -> Identity:
        """The identity behind a request. Raises AuthFailed, and says which part was wrong."""
        authorization = exchange.headers.get(b"authorization")
        if authorization is not None:
            return self._by_token(authorization)
        if b"x-signature" in exchange.headers:
            return self._by_body(exchange) if self._body_only else self._by_signature(exchange)
        raise AuthFailed(
            "no credentials: send Authorization: Bearer <token from POST /oauth/token>, or "
            "X-Client-Id and X-Signature"
        )

    def use_clock(self, clock: Clock) -> None:
        """Go by another clock; tokens and nonces stay what they are."""
        self._clock = clock

    def remembered(self) -> Remembered:
        """What it knows."""
        return Remembered(self._issued, tuple(self._nonce_ages))

    def take_up(self, known: Remembered) -> None:
        """Go on from what another one knew."""
        self._issued = known.issued
        self._nonce_ages = deque(known.nonces)
        self._nonces = {used for _, used in known.nonces}

    # Tokens ---------------------------------------------------------------------------------------

    def issue(self, client: Client, scopes: frozenset[str]) -> dict[str, Any]:
        """A short-lived bearer JWT (RFC 7519) for some of a client's scopes."""
        now_s = self._clock.now_ns() // NS_PER_S
        self._issued += 1
        claims = {
            "iss": "playmoney",
            "aud": self._sandbox,
            "sub": client.client_id,
            "scope": " ".join(sorted(scopes)),
            "iat": now_s,
            "exp": now_s + self._ttl_s,
            "jti": self._rng.draw("jti", client.client_id, now_s, self._issued)[:16].hex(),
        }
        header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": self._key.kid}
        return {
            "access_token": self._signed(header, claims),
            "token_type": "Bearer",
            "expires_in": self._ttl_s,
            "scope": claims["scope"],
        }

    def _signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        with warnings.catch_warnings():
            # RFC 9864 renamed EdDSA to Ed25519 in 2025; most JWT libraries know the old name only.
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM])

    def jwks(self) -> dict[str, Any]:
        """The public key that checks our tokens (RFC 7517)."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": _ALGORITHM}]}

    def client_by_secret(self, client_id: str, secret: str) -> Client | None:
        """The client if the secret is its own, compared in constant time."""
        client = self.clients.get(client_id)
        expected = client.secret if client else ""
        same = hmac.compare_digest(expected.encode(), secret.encode())
        return client if client and same else None

    def _by_token(self, authorization: bytes) -> Identity:
        identity = self._tokens.get(authorization)
        if identity is None:
            scheme, _, token = authorization.partition(b" ")
            if scheme.lower() != b"bearer":
                raise AuthFailed("Authorization takes a bearer token from POST /oauth/token")
            identity = self._check(token.strip().decode("latin-1"))
            if len(self._tokens) >= KNOWN_TOKENS:
                self._tokens.clear()
            self._tokens[authorization] = identity
        if identity.expires_ns <= self._clock.now_ns():
            raise AuthFailed(
                f"the token expired at {iso(identity.expires_ns)}; ask POST /oauth/token again",
                details={"reason": "token_expired"},
            )
        return identity

    def _check(self, token: str) -> Identity:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)
                read = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
        except (JoseError, ValueError, TypeError):
            raise AuthFailed("the token is not one that this sandbox issued") from None
        claims = read.claims
        client = self.clients.get(str(claims.get("sub")))
        # A player's token has the same key and another type; it opens no API (RFC 8725 §3.11).
        ours = read.header.get("typ") == _TYPE and claims.get("aud") == self._sandbox
        if client is None or not ours:
            raise AuthFailed("the token is not one that this sandbox issued")
        scopes = frozenset(str(claims["scope"]).split())
        return Identity(client, scopes, int(claims["exp"]) * NS_PER_S)

    # Signatures -----------------------------------------------------------------------------------

    def _by_signature(self, exchange: Exchange) -> Identity:
        client_id = _required(exchange, b"x-client-id")
        timestamp = _required(exchange, b"x-timestamp")
        nonce = _required(exchange, b"x-nonce")
        if not _NONCE.fullmatch(nonce):
            raise AuthFailed(
                "X-Nonce is 8 to 128 characters of A-Z a-z 0-9 . _ ~ -",
                details={"reason": "nonce"},
            )
        signature = _required(exchange, b"x-signature")
        client = self._known(client_id)
        now_ns = self._clock.now_ns()
        self._require_recent(timestamp, now_ns)
        signed = signing.string_to_sign(
            timestamp, nonce, exchange.method, exchange.target, exchange.body
        )
        _require_fit(exchange, client, signed, signature)
        self._use_nonce((client_id, nonce), now_ns)
        return Identity(client, client.scopes)

    def _by_body(self, exchange: Exchange) -> Identity:
        """By a signature of the raw body and nothing else, where the profile says so (RGS-07).

        What is sent again passes again: its idempotency key answers it, as after a lost answer. An
        empty body would have one signature for ever, so it has none that counts.
        """
        client_id = _required(exchange, b"x-client-id")
        signature = _required(exchange, b"x-signature")
        if not exchange.body:
            raise AuthFailed(
                "signatures cover the body alone here, and there is none; send "
                "Authorization: Bearer <token from POST /oauth/token>"
            )
        client = self._known(client_id)
        _require_fit(exchange, client, exchange.body, signature)
        return Identity(client, client.scopes)

    def _known(self, client_id: str) -> Client:
        client = self.clients.get(client_id)
        if client is None:
            raise AuthFailed(_UNFIT)
        return client

    def _require_recent(self, timestamp: str, now_ns: int) -> None:
        try:
            at_ns = int(timestamp) * NS_PER_S if timestamp[:12].isdigit() else parse_iso(timestamp)
        except (ValueError, OverflowError):
            raise AuthFailed(
                "X-Timestamp is neither Unix seconds nor ISO 8601 with a zone"
            ) from None
        if abs(now_ns - at_ns) > WINDOW_NS:
            raise AuthFailed(
                f"X-Timestamp {timestamp[:40]} is more than {WINDOW_NS // NS_PER_S} s from this "
                f"server's clock, {iso(now_ns)}",
                details={"reason": "timestamp"},
            )

    def _use_nonce(self, used: tuple[str, str], now_ns: int) -> None:
        """Take a nonce for good. Kept for two windows: longer than its timestamp can pass."""
        ages = self._nonce_ages
        while ages and ages[0][0] < now_ns - 2 * WINDOW_NS:
            self._nonces.discard(ages.popleft()[1])
        if used in self._nonces:
            raise AuthFailed(
                "X-Nonce was used before; sign every attempt anew", details={"reason": "nonce"}
            )
        self._nonces.add(used)
        ages.append((now_ns, used))


def read_basic(authorization: str) -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic (RFC 7617); None where it is not that."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:  # not base64, not ASCII, not UTF-8
        return None
    client_id, colon, secret = text.partition(":")
    return (client_id, secret) if colon else None


def _require_fit(exchange: Exchange, client: Client, signed: bytes, signature: str) -> None:
    """Raises AuthFailed unless the client signed these bytes, by the algorithm that is named."""
    algorithm = exchange.header(b"x-signature-algorithm") or signing.HMAC_SHA256
    if algorithm == signing.HMAC_SHA256:
        good = signing.verify_hmac(client.hmac_key, signed, signature)
    elif algorithm == signing.ED25519:
        good = signing.verify_ed25519(client.public_key, signed, signature)
    else:
        raise AuthFailed(
            f"X-Signature-Algorithm {algorithm[:40]!r} is none of " + ", ".join(signing.ALGORITHMS)
        )
    if not good:
        raise AuthFailed(_UNFIT)


def _required(exchange: Exchange, name: bytes) -> str:
    value = exchange.header(name)
    if not value or len(value) > 200:
        raise AuthFailed(f"a signed request needs {name.decode().title()} (1 to 200 characters)")
    return value


def _okp_key(seed: bytes) -> OKPKey:
    """An Ed25519 key pair from 32 bytes of the world's seed: the same world, the same tokens."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    encoded: dict[str, str | list[str]] = {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": _base64url(private.private_bytes_raw()),
        "x": _base64url(private.public_key().public_bytes_raw()),
    }
    key = OKPKey.import_key(encoded)
    key.ensure_kid()  # its thumbprint (RFC 7638)
    return key


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
