"""How a client proves who it is: a bearer token, or a signature on each attempt (PRV-10).

Time and nonces are handed in. `run` names this process's life: two runs under one seed must not
share nonces, or the second one is refused as a replay (WAL-71).
"""

import asyncio
import base64
import itertools
from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote_plus, urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.adapters.replies import read_problem
from simulator.adapters.transport import NotSent, Transport, TransportError
from simulator.base.clock import NS_PER_S, Clock, iso
from simulator.base.errors import Problem
from simulator.base.rng import Rng
from simulator.wire import json, signing
from simulator.wire.calls import Call, Reply

MARGIN_S = 30
"""A token is renewed this long before it expires: more than a call with its time-out takes."""


class Auth(Protocol):
    """Puts proof of identity on a call."""

    async def sign(self, call: Call) -> Call:
        """The call with its headers of proof, made anew for each attempt.

        Raises NotSent where no proof can be had now, and Problem where none ever will.
        """
        ...

    def renew(self, refused: Call) -> bool:
        """After a 401 on this signed call: whether signing anew may help."""
        ...


class Token(msgspec.Struct, frozen=True):
    """An answer of `POST /oauth/token` (RFC 6749 §5.1)."""

    access_token: str
    expires_in: int


class BearerAuth:
    """OAuth 2.0 client credentials: one token for all callers, renewed by one of them."""

    def __init__(self, transport: Transport, client_id: str, secret: str, clock: Clock) -> None:
        self._transport = transport
        # RFC 6749 §2.3.1: both are form-encoded before they become HTTP Basic.
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
        self._basic = base64.b64encode(pair).decode()
        self._clock = clock
        self._token = ""
        self._renew_at_ns = 0
        self._asking: asyncio.Task[str] | None = None

    @property
    def held(self) -> tuple[str, int]:
        """The token, and when it is renewed."""
        return self._token, self._renew_at_ns

    def hold(self, held: tuple[str, int]) -> None:
        """Go on with a token that was asked for before."""
        self._token, self._renew_at_ns = held

    async def sign(self, call: Call) -> Call:
        """Add the token; whoever finds it missing or about to expire asks for all."""
        token = self._token
        if not token or self._clock.now_ns() >= self._renew_at_ns:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.ensure_future(self._ask())
            token = await asyncio.shield(self._asking)
        return with_headers(call, {"Authorization": f"Bearer {token}"})

    def renew(self, refused: Call) -> bool:
        """True; the token is dropped unless another call has replaced it meanwhile."""
        if refused.headers.get("Authorization") == f"Bearer {self._token}":
            self._token = ""
        return True

    async def _ask(self) -> str:
        headers = {
            "Authorization": f"Basic {self._basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"grant_type": "client_credentials"}).encode()
        target = self._transport.prefix + "/oauth/token"
        call = Call(method="POST", target=target, headers=headers, body=body)
        try:
            reply = await self._transport.send(call)
        except TransportError as lost:
            raise NotSent(f"no token: {lost}") from lost
        token = _read_token(reply)
        valid_s = max(token.expires_in - MARGIN_S, token.expires_in // 2)
        self._renew_at_ns = self._clock.now_ns() + valid_s * NS_PER_S
        self._token = token.access_token
        return token.access_token


class _Signer:
    """What both signature algorithms share: the string, the nonce, the headers (WAL-70)."""

    algorithm: str

    def __init__(
        self, client_id: str, sign: Callable[[bytes], str], clock: Clock, rng: Rng, run: str
    ) -> None:
        self._client_id = client_id
        self._sign = sign
        self._clock = clock
        self._rng = rng
        self._run = run
        self._attempts = itertools.count()

    async def sign(self, call: Call) -> Call:
        """Sign timestamp, nonce, method, target (prefix included) and raw body."""
        timestamp = iso(self._clock.now_ns())
        drawn = self._rng.draw("nonce", self._client_id, self._run, next(self._attempts))
        nonce = drawn[:16].hex()
        signed = signing.string_to_sign(timestamp, nonce, call.method, call.target, call.body)
        return with_headers(
            call,
            {
                "X-Client-Id": self._client_id,
                "X-Timestamp": timestamp,
                "X-Nonce": nonce,
                "X-Signature": self._sign(signed),
                "X-Signature-Algorithm": self.algorithm,
            },
        )

    def renew(self, refused: Call) -> bool:
        """False: each attempt is signed anew anyway, so a refused signature stays refused."""
        return False


class HmacAuth(_Signer):
    """HMAC-SHA256 with the client's signing key."""

    algorithm = signing.HMAC_SHA256

    def __init__(self, client_id: str, key: bytes, clock: Clock, rng: Rng, run: str) -> None:
        super().__init__(client_id, lambda signed: signing.sign_hmac(key, signed), clock, rng, run)


class Ed25519Auth(_Signer):
    """Ed25519 with the client's private key."""

    algorithm = signing.ED25519

    def __init__(
        self, client_id: str, key: Ed25519PrivateKey, clock: Clock, rng: Rng, run: str
    ) -> None:
        super().__init__(
            client_id, lambda signed: signing.sign_ed25519(key, signed), clock, rng, run
        )


def with_headers(call: Call, headers: dict[str, str]) -> Call:
    """The call with more headers."""
    return msgspec.structs.replace(call, headers={**call.headers, **headers})


def _read_token(reply: Reply) -> Token:
    if reply.status == 200:
        try:
            return msgspec.convert(json.decode(reply.body), Token)
        except (json.NotJson, msgspec.ValidationError) as wrong:
            raise NotSent(f"no token: the answer cannot be read ({wrong})") from None
    problem = read_problem(reply)
    if isinstance(problem, Problem) and not problem.retryable:
        raise problem
    wait_s = problem.retry_after_s if isinstance(problem, Problem) else None
    raise NotSent(f"no token: {problem}", retry_after_s=wait_s)
