"""Tokens and signatures."""

import asyncio
import base64

import pytest

from simulator.adapters.credentials import BearerAuth, Ed25519Auth, HmacAuth
from simulator.adapters.platform import PlatformClient
from simulator.adapters.transport import NotSent, ReplyLost
from simulator.base.clock import NS_PER_S, SimClock
from simulator.base.errors import AuthFailed
from simulator.base.rng import Rng
from simulator.wire import json, signing
from simulator.wire.calls import Call, Reply
from tests.adapters.fakes import BET, PROVIDER, FakeTransport, Naps, ok, problem

CALL = Call(method="POST", target="/s/ci-1/v1/bets/authorize?x=%20", body=b'{"a":1}')


class Issuer:
    """Issues tokens t1, t2, …; calls with any but the newest, or after `revoke`, get 401."""

    def __init__(self) -> None:
        self.issued = 0
        self.good = ""
        self.transport = FakeTransport(self._answer)

    def _answer(self, call: Call) -> Reply:
        if call.target == "/oauth/token":
            self.issued += 1
            self.good = f"t{self.issued}"
            return ok(json.encode({"access_token": self.good, "expires_in": 600, "scope": "x"}))
        if call.headers["Authorization"] != f"Bearer {self.good}":
            return problem(401, "AUTH_FAILED")
        return ok()

    def client(self, clock: SimClock) -> PlatformClient:
        auth = BearerAuth(self.transport, "studio demo", "s:ecret", clock)
        return PlatformClient(self.transport, auth, PROVIDER, Rng(1), "t", sleeper=Naps())


async def test_one_token_serves_many_callers() -> None:
    """Thirty concurrent callers share one request for a token (PRV-10)."""
    issuer = Issuer()
    client = issuer.client(SimClock())
    await asyncio.gather(*(client.authorize_bet(BET, key=str(n)) for n in range(30)))
    assert issuer.issued == 1


async def test_the_client_is_in_http_basic() -> None:
    """Id and secret are form-encoded, then HTTP Basic (RFC 6749 §2.3.1)."""
    issuer = Issuer()
    await issuer.client(SimClock()).authorize_bet(BET, key="k")
    scheme, _, encoded = issuer.transport.calls[0].headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded) == b"studio+demo:s%3Aecret"
    assert issuer.transport.calls[0].body == b"grant_type=client_credentials"


async def test_a_token_is_renewed_before_it_expires() -> None:
    """Half a minute before the end there is a new one, and not sooner."""
    issuer, clock = Issuer(), SimClock()
    client = issuer.client(clock)
    for advance_s, issued in ((0, 1), (569, 1), (2, 2)):
        clock.advance(advance_s * NS_PER_S)
        await client.authorize_bet(BET, key="k")
        assert issuer.issued == issued


async def test_a_refused_token_is_renewed_once() -> None:
    """A 401 renews the token and repeats the call with the same key; a second 401 is final."""
    issuer = Issuer()
    client = issuer.client(SimClock())
    await client.authorize_bet(BET, key="a")
    issuer.good = "revoked"
    await client.authorize_bet(BET, key="b")
    assert issuer.issued == 2
    keys = [c.headers.get("X-Idempotency-Key") for c in issuer.transport.calls]
    assert keys == [None, "a", "b", None, "b"]

    stubborn = FakeTransport(
        lambda call: (
            ok(json.encode({"access_token": "t", "expires_in": 600}))
            if call.target == "/oauth/token"
            else problem(401, "AUTH_FAILED")
        )
    )
    auth = BearerAuth(stubborn, "a", "b", SimClock())
    with pytest.raises(AuthFailed):
        await PlatformClient(stubborn, auth, PROVIDER, Rng(1), "t").authorize_bet(BET, key="k")
    assert len([c for c in stubborn.calls if c.target != "/oauth/token"]) == 2


async def test_no_token_means_not_sent() -> None:
    """A token that cannot be had leaves no doubt: the bet was never sent. A wrong secret is the
    refusal itself."""

    def lose(_: Call) -> Reply:
        raise ReplyLost("time-out")

    for transport in (
        FakeTransport(lose),
        FakeTransport(lambda _: problem(503, "UNAVAILABLE", retryable=True)),
        FakeTransport(lambda _: ok(b"<html>")),
    ):
        auth = BearerAuth(transport, "a", "b", SimClock())
        client = PlatformClient(transport, auth, PROVIDER, Rng(1), "t", sleeper=Naps())
        with pytest.raises(NotSent, match="no token"):
            await client.authorize_bet(BET, key="k")
        assert {call.target for call in transport.calls} == {"/oauth/token"}
    wrong = FakeTransport(lambda _: problem(401, "AUTH_FAILED"))
    with pytest.raises(AuthFailed):
        await BearerAuth(wrong, "a", "b", SimClock()).sign(CALL)


async def test_hmac_signs_exactly_what_goes_out() -> None:
    """Timestamp, nonce, method, target with its prefix and raw body (PRV-10, WAL-70)."""
    sent = (await HmacAuth("me", b"key", SimClock(), Rng(1), "r").sign(CALL)).headers
    signed = signing.string_to_sign(
        sent["X-Timestamp"], sent["X-Nonce"], "POST", CALL.target, CALL.body
    )
    assert signing.verify_hmac(b"key", signed, sent["X-Signature"])
    assert sent["X-Client-Id"] == "me"
    assert sent["X-Signature-Algorithm"] == "hmac-sha256"
    assert sent["X-Timestamp"] == "2026-01-01T00:00:00.000Z"


async def test_ed25519_signs_exactly_what_goes_out() -> None:
    """The same string, with a private key (PRV-10)."""
    key = signing.demo_ed25519_key("studio-demo-key")
    sent = (await Ed25519Auth("me", key, SimClock(), Rng(1), "r").sign(CALL)).headers
    signed = signing.string_to_sign(
        sent["X-Timestamp"], sent["X-Nonce"], "POST", CALL.target, CALL.body
    )
    assert signing.verify_ed25519(key.public_key(), signed, sent["X-Signature"])
    assert sent["X-Signature-Algorithm"] == "ed25519"


async def test_nonces_are_never_shared() -> None:
    """Fresh for each attempt, and other ones in another run of the same seed (WAL-71)."""
    nonces = set()
    for run in ("a", "b"):
        auth = HmacAuth("me", b"key", SimClock(), Rng(1), run)
        nonces |= {(await auth.sign(CALL)).headers["X-Nonce"] for _ in range(50)}
    assert len(nonces) == 100
