"""A user's own platform lets players in at the studio: by its public keys, and nobody else's
(RGS-02)."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey

from simulator.base.clock import NS_PER_S
from simulator.base.errors import ConfigError
from simulator.server import platform_keys
from tests.rgs.tools import Studio, studio
from tests.server.tools import require_problem
from tests.support import Got

OURS = OKPKey.generate_key("Ed25519", {"kid": "mine-1"})
CURVE = ECKey.generate_key("P-256", {"kid": "mine-2"})
STRANGER = OKPKey.generate_key("Ed25519")


def public(*keys: Any) -> str:
    """What a platform publishes of its keys."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


JWKS = public(CURVE, OURS)


def token(at: Studio, key: Any, alg: str, typ: str | None = "JWT", **changes: Any) -> str:
    """A player's token as another platform writes it, with its own library."""
    now_s = at.box.world.clock.now_ns() // NS_PER_S
    claims = {
        "sub": "p_19f3",
        "geo": "DE",
        "aud": "studio",
        "jti": f"jti-{alg}",
        "iat": now_s,
        "exp": now_s + 300,
        **changes,
    }
    header = {"alg": alg, **({"typ": typ} if typ else {})}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode(header, claims, key, algorithms=[alg])


async def enter(at: Studio, jwt_text: str, session: str = "s-1") -> Got:
    return await at.call("POST", "/sessions", await at.session_body(session, jwt=jwt_text))


@pytest.mark.parametrize("typ", ["JWT", "player+jwt", None])
@pytest.mark.parametrize("alg", ["EdDSA", "ES256"])
async def test_its_players_are_let_in(alg: str, typ: str | None) -> None:
    """By either algorithm, whatever the token's type says; the same token opens one session, and
    our own platform's tokens are good as ever (RGS-01, RGS-02)."""
    async with studio(platform_keys=JWKS) as at:
        mine = token(at, OURS if alg == "EdDSA" else CURVE, alg, typ)
        assert (await enter(at, mine)).status == 201
        assert (await enter(at, mine)).replayed
        other = await enter(at, mine, "s-2")
        require_problem(other, 401, "AUTH_FAILED")
        assert other.json["details"] == {"reason": "jti"}
        await at.open("s-3")
        await at.played(session_id="s-3")


async def test_the_rest_of_the_token_is_asked_for_as_ever() -> None:
    """Audience, expiry, player: a known key does not make a wrong token good; nothing is stored."""
    async with studio(platform_keys=JWKS) as at:
        before = at.footprint()
        long_ago = at.box.world.clock.now_ns() // NS_PER_S - 600
        for changes, reason in (
            ({"aud": "casino"}, "aud"),
            ({"exp": long_ago}, "expired"),
            ({"sub": "p_usd"}, "sub"),
            ({"geo": "AT"}, "geo"),
            ({"jti": ""}, "token"),
        ):
            got = await enter(at, token(at, OURS, "EdDSA", **changes))
            require_problem(got, 401, "AUTH_FAILED")
            assert got.json["details"] == {"reason": reason}
        assert at.footprint() == before


async def test_nobody_elses_key_opens_anything() -> None:
    """A key that was not named; a named one's public half as an HMAC secret; another algorithm of
    the same key; a type of ours; and, without the setting, the platform's own (RFC 8725 §3.1)."""
    async with studio(platform_keys=JWKS) as at:
        secret = OctKey.import_key(json.dumps(OURS.as_dict(private=False)))
        good = token(at, OURS, "EdDSA")
        head, claims, signature = good.split(".")
        for bad in (
            token(at, STRANGER, "EdDSA"),
            token(at, secret, "HS256"),
            token(at, OURS, "EdDSA", "at+jwt"),
            f"{head}.{claims}.",
            f"{head}.{claims}.{signature[::-1]}",
        ):
            got = await enter(at, bad)
            require_problem(got, 401, "AUTH_FAILED")
            assert got.json["details"] == {"reason": "token"}
        assert (await enter(at, good)).status == 201
    async with studio() as at:
        require_problem(await enter(at, token(at, OURS, "EdDSA")), 401, "AUTH_FAILED")


async def test_a_platforms_token_opens_no_api() -> None:
    """It lets a player in at the studio, and is no bearer token of ours (RFC 8725 §3.11)."""
    async with studio(platform_keys=JWKS) as at:
        bearer = token(at, OURS, "EdDSA", sub="platform-demo", scope="rgs:read")
        headers = {"Authorization": f"Bearer {bearer}", "X-Trace-Id": "tr_1"}
        got = await at.box.raw("GET", "/rgs/v1/games", b"", headers)
        require_problem(got, 401, "AUTH_FAILED")


def test_keys_are_read_from_a_file_too(tmp_path: Path) -> None:
    """The file of a set, or the set itself."""
    path = tmp_path / "jwks.json"
    path.write_text(JWKS)
    for given in (JWKS, str(path)):
        assert [one.algorithm for one in platform_keys.read(given)] == ["ES256", "EdDSA"]
    assert platform_keys.read(None) == ()


HALF = OURS.as_dict(private=False)
BAD: dict[str, tuple[str, str]] = {
    "half a text": ("{", "is no JSON"),
    "no keys": ("{}", r"is no JWK set, \{\"keys\": \[…\]\} with 1 to 16 keys"),
    "none of them": ('{"keys": []}', "is no JWK set"),
    "too many": (public(*[OURS] * 17), "1 to 16 keys"),
    "no file": ("no/such/file.json", "--platform-keys no/such/file.json: cannot be read"),
    "RSA": (
        json.dumps({"keys": [HALF, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}),
        r"keys\[1\]: is neither OKP with crv Ed25519 nor EC with crv P-256",
    ),
    "private": (json.dumps({"keys": [OURS.as_dict(private=True)]}), "is a private key"),
    "secret": (json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}), "is neither OKP"),
    "for HMAC": (json.dumps({"keys": [{**HALF, "alg": "HS256"}]}), "is for EdDSA"),
    "no point": (json.dumps({"keys": [{**HALF, "x": "AA"}]}), "is no Ed25519 key"),
    "a text": (json.dumps({"keys": ["mine"]}), "is neither OKP"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_set_stops_the_start(what: str) -> None:
    """The error names the setting, the key and what would be right."""
    given, said = BAD[what]
    with pytest.raises(ConfigError, match=said):
        platform_keys.read(given)
