"""Who may call: tokens of this sandbox, signatures with a known key, each nonce once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.clock import FROZEN_START_NS, NS_PER_S, SimClock, iso
from simulator.base.errors import AuthFailed
from simulator.base.rng import Rng
from simulator.server.auth import KNOWN_TOKENS, WINDOW_NS, Authority, Identity, read_basic
from simulator.server.clients import CLIENTS, READ_SCOPES, WRITE_SCOPES
from simulator.server.exchange import Exchange

DEMO = CLIENTS["studio-demo"]
READONLY = CLIENTS["readonly-demo"]
NOW = "2026-01-01T00:00:00Z"
NOW_S = FROZEN_START_NS // NS_PER_S
WINDOW_S = WINDOW_NS // NS_PER_S
TTL_S = 600


def make(
    *, sandbox: str = "default", seed: int = 42, clients: Any = CLIENTS, clock: Any = None
) -> Authority:
    return Authority(sandbox, clients, Rng(seed), clock or SimClock(), TTL_S)


def exchange(
    headers: Mapping[str, str], method: str = "GET", target: str = "/v1/events", body: bytes = b""
) -> Exchange:
    path, _, query = target.partition("?")
    scope = {
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers.items()],
    }
    made = Exchange(scope, path)
    made.body = body
    return made


def bearer(authority: Authority, token: str) -> Identity:
    return authority.authenticate(exchange({"Authorization": f"Bearer {token}"}))


def token_of(authority: Authority, client: Any = DEMO) -> str:
    return str(authority.issue(client, client.scopes)["access_token"])


def refusal(act: Callable[[], object]) -> AuthFailed:
    with pytest.raises(AuthFailed) as refused:
        act()
    return refused.value


# Tokens -------------------------------------------------------------------------------------------


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


HEADER = {"alg": "EdDSA", "typ": "JWT"}
CLAIMS = {
    "iss": "playmoney",
    "aud": "default",
    "sub": "studio-demo",
    "scope": "bets:read",
    "iat": NOW_S,
    "exp": NOW_S + TTL_S,
}


def forge(
    header: Mapping[str, Any] = HEADER,
    claims: Mapping[str, Any] = CLAIMS,
    *,
    key: bytes | None = None,
) -> str:
    """A JWT by hand; without a key given, under the one that the sandbox of seed 42 has."""
    private = Ed25519PrivateKey.from_private_bytes(key or Rng(42).draw("token-key", "default"))
    parts = ".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{parts}.{_encode(private.sign(parts.encode()))}"


def test_a_token_says_who_calls() -> None:
    """A fresh token is its client, with the scopes that it was asked for (PRV-10, PRV-11)."""
    authority = make()
    issued = authority.issue(DEMO, frozenset({"bets:write", "bets:read"}))
    identity = bearer(authority, issued["access_token"])
    assert identity.client is DEMO
    assert identity.scopes == {"bets:write", "bets:read"}
    assert (issued["token_type"], issued["expires_in"]) == ("Bearer", TTL_S)
    assert issued["scope"] == "bets:read bets:write"


def test_a_readonly_client_has_read_scopes_only() -> None:
    """Least privilege: no write scope comes with the read-only client, by token or signature
    (PRV-11)."""
    authority = make()
    by_token = bearer(authority, token_of(authority, READONLY))
    by_signature = authority.authenticate(signed(client="readonly-demo", key="readonly-demo-key"))
    assert by_token.scopes == by_signature.scopes == READ_SCOPES
    assert not by_token.scopes & WRITE_SCOPES


def test_the_scheme_is_read_in_any_case() -> None:
    """`bearer` and `BEARER` are Bearer (RFC 9110 §11.1), and spaces around the token are none."""
    authority = make()
    token = token_of(authority)
    for value in (f"bearer {token}", f"BEARER {token}", f"Bearer  {token} "):
        assert authority.authenticate(exchange({"Authorization": value})).client is DEMO


def test_a_token_expires_on_the_worlds_clock() -> None:
    """Good until its last nanosecond and refused from its end on, also when it was seen before;
    the refusal says when that was (PRV-10, SBX-03)."""
    clock = SimClock()
    authority = make(clock=clock)
    seen, unseen = token_of(authority), token_of(authority)
    clock.advance(TTL_S * NS_PER_S - 1)
    assert bearer(authority, seen).client is DEMO
    clock.advance(1)
    for token in (seen, unseen):
        refused = refusal(lambda token=token: bearer(authority, token))  # type: ignore[misc]
        assert refused.details == {"reason": "token_expired"}
        assert "2026-01-01T00:10:00.000Z" in refused.message
    assert bearer(authority, token_of(authority)).client is DEMO


def test_a_token_goes_by_the_clock_that_is_set() -> None:
    """A world whose clock is exchanged judges its old tokens by the new one (SBX-03)."""
    authority = make()
    token = token_of(authority)
    authority.use_clock(SimClock(FROZEN_START_NS + 3600 * NS_PER_S))
    assert refusal(lambda: bearer(authority, token)).details == {"reason": "token_expired"}


def test_tokens_repeat_under_a_seed() -> None:
    """The same world gives the same tokens in the same order, and no two are alike (SBX-02, D3)."""
    some, other = make(), make()
    first = [token_of(some) for _ in range(3)]
    assert first == [token_of(other) for _ in range(3)]
    assert len(set(first)) == 3
    assert token_of(make(seed=43)) != first[0]


def test_a_token_of_the_same_world_is_good_after_a_restart() -> None:
    """The key comes from the seed, so a token outlives the process that gave it."""
    token = token_of(make())
    assert bearer(make(), token).client is DEMO


def test_a_hand_made_token_under_the_right_key_is_good() -> None:
    """The control for the forgeries below: it is what they change that makes them fail."""
    identity = bearer(make(), forge())
    assert identity.client is DEMO
    assert set(identity.scopes) == {"bets:read"}


FORGERIES = {
    "another key": forge(key=hashlib.sha256(b"mine").digest()),
    "the key of another seed": forge(key=Rng(43).draw("token-key", "default")),
    "the key of another sandbox": forge(key=Rng(42).draw("token-key", "ci-1")),
    "for another sandbox": forge(claims={**CLAIMS, "aud": "ci-1"}),
    "for nobody": forge(claims={k: v for k, v in CLAIMS.items() if k != "aud"}),
    "of an unknown client": forge(claims={**CLAIMS, "sub": "stranger"}),
    "of no client": forge(claims={k: v for k, v in CLAIMS.items() if k != "sub"}),
    "of a client in a list": forge(claims={**CLAIMS, "sub": ["studio-demo"]}),
    "alg none, unsigned": forge({**HEADER, "alg": "none"}).rpartition(".")[0] + ".",
    "alg none, signed": forge({**HEADER, "alg": "none"}),
    "alg None": forge({**HEADER, "alg": "None"}).rpartition(".")[0] + ".",
    "no alg": forge({"typ": "JWT"}),
    "alg ES256": forge({**HEADER, "alg": "ES256"}),
    "an unknown critical header": forge({**HEADER, "crit": ["exp2"], "exp2": 1}),
    "no signature": forge().rpartition(".")[0] + ".",
    "two parts": forge().rpartition(".")[0],
    "one part": "abc",
    "four parts": forge() + ".abc",
    "empty parts": "..",
    "not base64": "é.ü.ö",
    "a header that is a list": _encode(b"[]") + "." + forge().partition(".")[2],
    "a header that is a number": _encode(b"1") + "." + forge().partition(".")[2],
    "a deep header": _encode(b"[" * 5_000) + "." + forge().partition(".")[2],
    "a deep payload": _encode(b"[" * 5_000).join(("e30.", ".e30")),
    "an alg that is a list": _encode(b'{"alg":["EdDSA"]}') + "." + forge().partition(".")[2],
    "very long": "a" * 100_000,
}


def _with_hmac_under_the_public_key() -> str:
    """The classic confusion: HS256, keyed with the bytes of the public key."""
    public = _decode(make().jwks()["keys"][0]["x"])
    parts = ".".join(
        _encode(json.dumps(part).encode()) for part in ({**HEADER, "alg": "HS256"}, CLAIMS)
    )
    return f"{parts}.{_encode(hmac.digest(public, parts.encode(), 'sha256'))}"


FORGERIES["HS256 under the public key"] = _with_hmac_under_the_public_key()


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_forged_token_is_refused(name: str) -> None:
    """Nobody but this sandbox makes its tokens: forged, foreign and garbled ones are all the same
    401, which does not tell how near they were (WAL-70)."""
    refused = refusal(lambda: bearer(make(), FORGERIES[name]))
    assert refused.message == "the token is not one that this sandbox issued"
    assert refused.status == 401


def test_a_token_of_another_sandbox_is_a_stranger() -> None:
    """Two sandboxes of one seed do not take each other's tokens (SBX-04)."""
    one, other = make(sandbox="ci-1"), make(sandbox="ci-2")
    assert bearer(one, token_of(one)).client is DEMO
    assert (
        "not one that this sandbox issued" in refusal(lambda: bearer(other, token_of(one))).message
    )


def test_a_token_of_a_client_that_is_gone_is_refused() -> None:
    """The client has to be known when the token is used, not only when it was given."""
    token = token_of(make())
    without = {name: client for name, client in CLIENTS.items() if name != "studio-demo"}
    refusal(lambda: bearer(make(clients=without), token))


@given(st.integers(0, 10_000), st.integers(1, 127))
def test_one_flipped_byte_of_a_token_fails(at: int, flip: int) -> None:
    """Header, claims, signature and the dots between them all count (WAL-70)."""
    authority = make()
    token = bytearray(token_of(authority).encode())
    token[at % len(token)] ^= flip
    altered = token.decode("latin-1")
    if altered.strip() == token_of(make()).strip():
        return
    refusal(lambda: bearer(authority, altered))


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_a_garbage_authorization_is_a_401(value: str) -> None:
    """Whatever stands in the header, the answer is AuthFailed and nothing else (WAL-77)."""
    for sent in (value, f"Bearer {value}", f"Basic {value}", f"Bearer {value}.{value}.{value}"):
        refusal(lambda sent=sent: make().authenticate(exchange({"Authorization": sent})))  # type: ignore[misc]


def test_a_refused_token_is_not_remembered_as_good() -> None:
    """The memory of checked tokens holds good ones only, and asking twice does not help."""
    authority = make()
    forged = FORGERIES["another key"]
    for _ in range(3):
        refusal(lambda: bearer(authority, forged))
    assert bearer(authority, token_of(authority)).client is DEMO


def test_the_memory_of_tokens_is_bounded() -> None:
    """More tokens than it holds are still all good: what was let go is checked anew."""
    authority = make()
    known = {b"Bearer t%d" % at: Identity(DEMO, frozenset()) for at in range(KNOWN_TOKENS)}
    authority._tokens.update(known)
    token = token_of(authority)
    assert bearer(authority, token).client is DEMO
    assert list(authority._tokens) == [f"Bearer {token}".encode()]
    assert bearer(authority, token).client is DEMO


def test_the_published_key_verifies_the_token() -> None:
    """A library that knows nothing of us checks our token with nothing but the JWKS (RFC 7517,
    RFC 8037), finds the key by `kid`, and refuses an altered token."""
    authority = make()
    token = token_of(authority)
    head, claims, signature = token.split(".")
    kid = json.loads(_decode(head))["kid"]
    (jwk,) = [jwk for jwk in authority.jwks()["keys"] if jwk["kid"] == kid]
    key = Ed25519PublicKey.from_public_bytes(_decode(jwk["x"]))
    key.verify(_decode(signature), f"{head}.{claims}".encode())
    with pytest.raises(InvalidSignature):
        key.verify(_decode(signature), f"{head}.{claims}x".encode())


def test_the_key_set_holds_no_private_part() -> None:
    """What is published is the public half, marked for signatures (RFC 8037 §2)."""
    (jwk,) = make().jwks()["keys"]
    assert set(jwk) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert (jwk["kty"], jwk["crv"], jwk["use"], jwk["alg"]) == ("OKP", "Ed25519", "sig", "EdDSA")
    canonical = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": jwk["x"]}, separators=(",", ":"))
    assert jwk["kid"] == _encode(hashlib.sha256(canonical.encode()).digest())  # RFC 7638


def test_the_claims_say_what_the_token_is_for() -> None:
    """Issuer, audience, client, scopes and times are in it, in whole seconds (RFC 7519)."""
    claims = json.loads(_decode(token_of(make(), READONLY).split(".")[1]))
    jti = claims.pop("jti")
    assert len(jti) == 32
    assert claims == {
        "iss": "playmoney",
        "aud": "default",
        "sub": "readonly-demo",
        "scope": " ".join(sorted(READ_SCOPES)),
        "iat": NOW_S,
        "exp": NOW_S + TTL_S,
    }


# Signatures ---------------------------------------------------------------------------------------


def _sign(algorithm: str, key: str, string: bytes) -> str:
    """As an integrator does it, without our code."""
    if algorithm == "ed25519":
        seed = hashlib.sha256(key.encode()).digest()
        return Ed25519PrivateKey.from_private_bytes(seed).sign(string).hex()
    return hmac.new(key.encode(), string, hashlib.sha256).hexdigest()


def signed(
    *,
    algorithm: str = "hmac-sha256",
    client: str = "studio-demo",
    key: str = "studio-demo-key",
    timestamp: str = NOW,
    nonce: str = "nonce-0001",
    method: str = "POST",
    target: str = "/s/ci-1/v1/bets/settle?x=%2F",
    body: bytes = b'{"win":2.00}',
    change: Mapping[str, str | None] | None = None,
) -> Exchange:
    """A signed request; `change` alters headers after signing, None takes one away."""
    string = "\n".join([timestamp, nonce, method, target, ""]).encode() + body
    headers: dict[str, str | None] = {
        "X-Client-Id": client,
        "X-Timestamp": timestamp,
        "X-Nonce": nonce,
        "X-Signature-Algorithm": algorithm,
        "X-Signature": _sign(algorithm, key, string),
        **(change or {}),
    }
    sent = {name: value for name, value in headers.items() if value is not None}
    return exchange(sent, method, target, body)


BOTH = pytest.mark.parametrize("algorithm", ["hmac-sha256", "ed25519"])


@BOTH
def test_a_good_signature_says_who_calls(algorithm: str) -> None:
    """A signature alone is enough, under either algorithm, with all of the client's scopes
    (PRV-10, RGS-07)."""
    identity = make().authenticate(signed(algorithm=algorithm))
    assert identity.client is DEMO
    assert identity.scopes == DEMO.scopes


def test_hmac_is_the_default_algorithm() -> None:
    """Without X-Signature-Algorithm the signature is read as HMAC-SHA256."""
    assert make().authenticate(signed(change={"X-Signature-Algorithm": None})).client is DEMO


@BOTH
def test_an_empty_body_is_signed_as_nothing(algorithm: str) -> None:
    """A GET's string ends with the line feed after the target."""
    request = signed(algorithm=algorithm, method="GET", target="/v1/players/p_19f3", body=b"")
    assert make().authenticate(request).client is DEMO


@pytest.mark.parametrize(
    "timestamp", [NOW, "2026-01-01T00:00:00.250Z", "2026-01-01T01:00:00+01:00"]
)
def test_a_timestamp_is_iso_8601_or_unix_seconds(timestamp: str) -> None:
    """Both ways to write the time are accepted, as written (PRV-04, WAL-71)."""
    assert make().authenticate(signed(timestamp=timestamp)).client is DEMO
    assert make().authenticate(signed(timestamp=str(NOW_S))).client is DEMO


@BOTH
@given(st.data())
def test_one_flipped_byte_fails(algorithm: str, data: st.DataObject) -> None:
    """Body, target, method, nonce, timestamp and signature: a change of any one byte of any of
    them is a 401, and the untouched request still passes afterwards (WAL-70)."""
    authority = make()
    request = signed(algorithm=algorithm)
    part = data.draw(
        st.sampled_from(["body", "target", "method", "nonce", "timestamp", "signature"])
    )
    at = data.draw(st.integers(0, 200))
    flip = data.draw(st.integers(1, 255))
    if part in ("body", "target", "method"):
        value = getattr(request, part)
        raw = bytearray(value if part == "body" else value.encode("latin-1"))
        raw[at % len(raw)] ^= flip
        setattr(request, part, bytes(raw) if part == "body" else raw.decode("latin-1"))
    else:
        name = b"x-" + part.encode()
        raw = bytearray(request.headers[name])
        raw[at % len(raw)] ^= flip
        request.headers[name] = bytes(raw)
    refusal(lambda: authority.authenticate(request))
    assert authority.authenticate(signed(algorithm=algorithm)).client is DEMO


@BOTH
def test_another_key_fails(algorithm: str) -> None:
    """A signature of one client is none of another, and one with a secret is none with the key."""
    for key in ("readonly-demo-key", "studio-demo-secret", "studio-demo-key "):
        refusal(lambda key=key: make().authenticate(signed(algorithm=algorithm, key=key)))  # type: ignore[misc]
    claimed = signed(algorithm=algorithm, change={"X-Client-Id": "readonly-demo"})
    refusal(lambda: make().authenticate(claimed))


def test_an_unknown_client_looks_like_a_wrong_signature() -> None:
    """Who guesses client ids does not learn which ones exist."""
    unknown = refusal(lambda: make().authenticate(signed(client="nobody")))
    wrong = refusal(lambda: make().authenticate(signed(key="wrong")))
    assert (unknown.message, unknown.details) == (wrong.message, wrong.details)


@BOTH
@pytest.mark.parametrize("off_s", [-WINDOW_S, -1, 0, 1, WINDOW_S])
def test_a_timestamp_inside_the_window_passes(algorithm: str, off_s: int) -> None:
    """Five minutes either way are fine, the last second included (WAL-71)."""
    request = signed(algorithm=algorithm, timestamp=iso(FROZEN_START_NS + off_s * NS_PER_S))
    assert make().authenticate(request).client is DEMO


@pytest.mark.parametrize("off_ms", [-(WINDOW_S * 1000) - 1, WINDOW_S * 1000 + 1, 10**9, -(10**9)])
def test_a_timestamp_outside_the_window_is_refused(off_ms: int) -> None:
    """Stale and future requests are refused although well signed, with our time to compare
    (WAL-71)."""
    at_ns = FROZEN_START_NS + off_ms * 1_000_000
    refused = refusal(lambda: make().authenticate(signed(timestamp=iso(at_ns))))
    assert refused.details == {"reason": "timestamp"}
    assert "2026-01-01T00:00:00.000Z" in refused.message


def test_the_window_moves_with_the_worlds_clock() -> None:
    """A request that was good is stale once the clock was advanced, whatever the machine says
    (SBX-03, WAL-71)."""
    clock = SimClock()
    clock.advance((WINDOW_S + 1) * NS_PER_S)
    refusal(lambda: make(clock=clock).authenticate(signed()))
    assert make(clock=clock).authenticate(signed(timestamp=iso(clock.now_ns()))).client is DEMO


@pytest.mark.parametrize(
    "timestamp",
    [
        "now",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "-1",
        "1e9",
        "0x5",
        "²²²",
        "9" * 150,
        "1" * 12 + "x",
    ],
)
def test_what_is_not_a_time_is_refused(timestamp: str) -> None:
    """A timestamp that cannot be read, or has no zone, is a 401 and not a 500 (WAL-77)."""
    request = signed(change={"X-Timestamp": timestamp})
    assert "X-Timestamp" in refusal(lambda: make().authenticate(request)).message


@BOTH
def test_a_nonce_is_good_once(algorithm: str) -> None:
    """The same request again is refused, and so is another one with its nonce (WAL-71)."""
    authority = make()
    authority.authenticate(signed(algorithm=algorithm))
    again = refusal(lambda: authority.authenticate(signed(algorithm=algorithm)))
    other = refusal(lambda: authority.authenticate(signed(algorithm=algorithm, body=b"{}")))
    assert again.details == other.details == {"reason": "nonce"}
    assert authority.authenticate(signed(algorithm=algorithm, nonce="nonce-0002")).client is DEMO


def test_the_two_algorithms_share_their_nonces() -> None:
    """Signing otherwise does not make a used nonce new."""
    authority = make()
    authority.authenticate(signed())
    refused = refusal(lambda: authority.authenticate(signed(algorithm="ed25519")))
    assert refused.details == {"reason": "nonce"}


def test_nonces_are_each_clients_own() -> None:
    """Two clients may happen to use the same nonce; neither can use up the other's."""
    authority = make()
    authority.authenticate(signed())
    other = signed(client="readonly-demo", key="readonly-demo-key")
    assert authority.authenticate(other).client is READONLY


def test_a_failed_signature_does_not_use_up_the_nonce() -> None:
    """What is refused changes nothing: the nonce of a bad, stale or foreign request stays free, so
    nobody can spoil another's call (WAL-70)."""
    authority = make()
    for spoiled in (
        signed(key="wrong"),
        signed(change={"X-Signature": "00"}),
        signed(change={"X-Signature-Algorithm": "md5"}),
        signed(timestamp="2026-01-01T01:00:00Z"),
        signed(change={"X-Client-Id": "readonly-demo"}),
    ):
        refusal(lambda spoiled=spoiled: authority.authenticate(spoiled))  # type: ignore[misc]
    assert authority.authenticate(signed()).client is DEMO


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(-WINDOW_S, WINDOW_S)), max_size=12))
def test_no_request_passes_twice_however_the_clock_moves(steps: list[tuple[int, int]]) -> None:
    """A nonce is remembered for as long as any request that carried it can still be in the window;
    each of several requests passes once and never again (WAL-71)."""
    clock = SimClock()
    authority = make(clock=clock)
    sent = []
    for at, (by_s, off_s) in enumerate(steps):
        clock.advance(by_s * NS_PER_S)
        sent.append((f"nonce-{at:04}", iso(clock.now_ns() + off_s * NS_PER_S)))
        nonce, timestamp = sent[-1]
        assert authority.authenticate(signed(nonce=nonce, timestamp=timestamp)).client is DEMO
        for nonce, timestamp in sent:
            again = signed(nonce=nonce, timestamp=timestamp)
            refusal(lambda again=again: authority.authenticate(again))  # type: ignore[misc]


def test_old_nonces_are_let_go() -> None:
    """What can no longer pass is not kept: the memory of nonces does not grow without end."""
    clock = SimClock()
    authority = make(clock=clock)
    for at in range(50):
        authority.authenticate(signed(nonce=f"nonce-{at:04}", timestamp=iso(clock.now_ns())))
        clock.advance(60 * NS_PER_S)
    assert len(authority._nonces) == len(authority._nonce_ages) <= 2 * WINDOW_S // 60 + 1


@pytest.mark.parametrize("name", ["X-Client-Id", "X-Timestamp", "X-Nonce"])
@pytest.mark.parametrize("value", [None, "", "x" * 201])
def test_a_missing_header_is_named(name: str, value: str | None) -> None:
    """Missing, empty and endless are refused with the name of the header."""
    refused = refusal(lambda: make().authenticate(signed(change={name: value})))
    assert name in refused.message


@pytest.mark.parametrize(
    "algorithm", ["md5", "HMAC-SHA256", "hmac-sha512", "ED25519", "none", "x" * 500]
)
def test_an_unknown_algorithm_is_refused(algorithm: str) -> None:
    """Only the two names, as they are written; the refusal lists them and stays short."""
    refused = refusal(
        lambda: make().authenticate(signed(change={"X-Signature-Algorithm": algorithm}))
    )
    assert refused.message.endswith("is none of hmac-sha256, ed25519")
    assert len(refused.message) < 120


@BOTH
@given(garbage=st.text(st.characters(codec="latin-1"), max_size=140))
def test_a_garbage_signature_is_a_401(algorithm: str, garbage: str) -> None:
    """No text in X-Signature gets anything but AuthFailed out of the check (WAL-77)."""
    request = signed(algorithm=algorithm, change={"X-Signature": garbage})
    refusal(lambda: make().authenticate(request))


def test_a_signature_of_one_algorithm_is_none_of_the_other() -> None:
    """The algorithm that the header names is the one that is checked."""
    for made, named in (("ed25519", "hmac-sha256"), ("hmac-sha256", "ed25519")):
        request = signed(algorithm=made, change={"X-Signature-Algorithm": named})
        refusal(lambda request=request: make().authenticate(request))  # type: ignore[misc]


def test_nothing_at_all_is_told_what_to_send() -> None:
    """A call without credentials learns of both ways (PRV-10)."""
    message = refusal(lambda: make().authenticate(exchange({}))).message
    assert "Authorization: Bearer" in message
    assert "X-Signature" in message


def test_a_bad_bearer_is_not_saved_by_a_good_signature() -> None:
    """What stands in Authorization counts: a wrong token is wrong, and burns no nonce."""
    authority = make()
    refusal(lambda: authority.authenticate(signed(change={"Authorization": "Bearer x"})))
    refusal(lambda: authority.authenticate(signed(change={"Authorization": "Basic x"})))
    assert authority.authenticate(signed()).client is DEMO


# Secrets ------------------------------------------------------------------------------------------


def test_a_client_is_known_by_its_secret() -> None:
    """Id and secret together, whole and exact (RFC 6749 §2.3.1)."""
    authority = make()
    assert authority.client_by_secret("studio-demo", "studio-demo-secret") is DEMO
    for client_id, secret in [
        ("studio-demo", "studio-demo-secre"),
        ("studio-demo", "studio-demo-secret "),
        ("studio-demo", ""),
        ("studio-demo", "readonly-demo-secret"),
        ("nobody", ""),
        ("nobody", "studio-demo-secret"),
        ("", ""),
        ("studio-demo", "ä"),
    ]:
        assert authority.client_by_secret(client_id, secret) is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Basic " + base64.b64encode(b"id:secret").decode(), ("id", "secret")),
        ("basic  " + base64.b64encode(b"id:se:cret").decode(), ("id", "se:cret")),
        ("Basic " + base64.b64encode("id:ä".encode()).decode(), ("id", "ä")),
        ("Basic " + base64.b64encode(b":").decode(), ("", "")),
        ("Basic " + base64.b64encode(b"idsecret").decode(), None),
        ("Basic " + base64.b64encode(b"id:\xff").decode(), None),
        ("Basic !!!", None),
        ("Basic", None),
        ("Bearer abc", None),
        ("", None),
    ],
)
def test_basic_credentials_are_read(header: str, found: tuple[str, str] | None) -> None:
    """The first colon parts id and secret; what is not Basic in UTF-8 is nothing (RFC 7617)."""
    assert read_basic(header) == found


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_any_basic_is_read_or_nothing(text: str) -> None:
    """No header gets an exception out of the reader (WAL-77)."""
    found = read_basic(f"Basic {text}")
    assert found is None or len(found) == 2
