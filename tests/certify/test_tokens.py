"""The suite's own tokens: right ones are read by a library, wrong ones by none."""

import base64
import warnings

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey

from simulator.certify import tokens
from simulator.certify.config import TEST_WORLD, Hooks
from simulator.certify.keys import NoKey, PlayerKey, private_key
from tests.broken.judging import PLAYER_KEY, judged
from tests.broken.rgs_variants.right import Reference

CLAIMS = {"sub": "p_1", "aud": "studio", "exp": 1_900_000_000, "jti": "j1"}
P256 = PlayerKey(kty="EC", crv="P-256", d=base64.urlsafe_b64encode(b"\x07" * 32).decode())


def public(key: PlayerKey) -> OKPKey | ECKey:
    """The public half, by a library."""
    found = private_key(key)
    if isinstance(found, Ed25519PrivateKey):
        raw = base64.urlsafe_b64encode(found.public_key().public_bytes_raw()).decode().rstrip("=")
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": raw})
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    numbers = found.public_key().public_numbers()
    x, y = (
        base64.urlsafe_b64encode(one.to_bytes(32, "big")).decode().rstrip("=")
        for one in (numbers.x, numbers.y)
    )
    return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})


def read(token: str, key: PlayerKey) -> dict[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.decode(token, public(key), algorithms=["EdDSA", "ES256"]).claims


@pytest.mark.parametrize("key", [PLAYER_KEY, P256], ids=lambda key: key.crv)
def test_a_token_of_ours_is_one_for_a_library_too(key: PlayerKey) -> None:
    """RGS-02: a target is not accused of refusing what no library would take."""
    token = tokens.Signer(key).token(CLAIMS)
    assert read(token, key) == CLAIMS
    assert tokens.read(token)[1] == CLAIMS


@pytest.mark.parametrize("key", [PLAYER_KEY, P256], ids=lambda key: key.crv)
def test_no_forgery_is_a_token_for_a_library(key: PlayerKey) -> None:
    """RGS-02: each of them is wrong, so that no right target is accused of refusing it."""
    forged = tokens.forgeries(tokens.Signer(key).token(CLAIMS), "stranger")
    assert len({token for _, token in forged}) == len(forged)
    for what, token in forged:
        with pytest.raises((JoseError, ValueError)):
            pytest.fail(f"a token {what} says {read(token, key)}")


def test_what_is_no_key_says_so() -> None:
    """A key of the wrong length or curve is refused before anything is asked."""
    for wrong in ({"kty": "OKP", "crv": "P-256"}, {"kty": "EC", "crv": "P-256"}):
        with pytest.raises(NoKey, match="32 bytes in base64url"):
            private_key(msgspec.convert({**wrong, "d": "AAAA"}, PlayerKey))


def test_a_key_alone_lets_players_in() -> None:
    """A game server without a platform beside it is judged with tokens that the suite signs."""
    hooks = msgspec.structs.replace(TEST_WORLD.hooks, player_token=None, create_session=None)
    config = msgspec.structs.replace(TEST_WORLD, hooks=hooks, player_key=PLAYER_KEY)
    only = ["rgs.spin.once", "rgs.token"]
    found, ended = judged(Reference(), "rgs", only=only, config=config)
    unclear = {name: one.why for name, one in found.items() if one.verdict != "pass"}
    assert not unclear
    assert ended.passed == 7


def test_without_a_token_nothing_is_passed() -> None:
    """SBX-08: what cannot be asked is INCONCLUSIVE, with what is missing."""
    config = msgspec.structs.replace(TEST_WORLD, hooks=Hooks())
    found, _ = judged(Reference(), "rgs", only=["rgs.spin"], config=config)
    assert {one.verdict for one in found.values()} == {"inconclusive"}
    assert "neither hooks.player_token nor player_key" in found["rgs.spin.once"].why


def test_hooks_are_proven_as_they_are_sent() -> None:
    """PRV-10: where calls are signed, a hook's signature is over its own path and body."""
    config = msgspec.structs.replace(TEST_WORLD, auth="hmac", player_key=None)
    found, _ = judged(Reference(), "rgs", only=["rgs.session.once"], config=config)
    assert found["rgs.session.once"].verdict == "pass", found["rgs.session.once"].why
