"""Players' tokens as the judge makes and breaks them: JWTs (RFC 7519) by its own hand (RGS-02).

A suite that signs with a library cannot send what no library signs: an `alg` of `none`, a signature
over other claims, a key in the header.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from simulator.certify.keys import PlayerKey, private_key, unpadded
from simulator.certify.reading import NotJson, parse


class NoToken(ValueError):
    """What stands there is no JWT."""


class Signer:
    """Signs what it is given, right or wrong."""

    def __init__(self, key: PlayerKey) -> None:
        self._key = private_key(key)
        self.algorithm = "EdDSA" if isinstance(self._key, Ed25519PrivateKey) else "ES256"
        self._kid = key.kid

    def token(self, claims: Mapping[str, Any], **header: Any) -> str:
        """A token that says this; `header` replaces or adds fields."""
        said = {"alg": self.algorithm, "typ": "player+jwt"}
        front = {**said, **({"kid": self._kid} if self._kid else {}), **header}
        signed = f"{_packed(front)}.{_packed(claims)}"
        return f"{signed}.{_text(self._sign(signed.encode()))}"

    def _sign(self, signed: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(signed)
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def stranger(name: str) -> PlayerKey:
    """A key that nobody trusts, the same for the same name."""
    return PlayerKey(
        kty="OKP", crv="Ed25519", d=_text(hashlib.sha256(name.encode()).digest()), kid=name
    )


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unverified. Raises NoToken."""
    try:
        header, claims = (parse(unpadded(part)) for part in token.split(".")[:2])
    except (ValueError, NotJson):
        raise NoToken(f"{token[:40]!r} is not a JWT") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise NoToken(f"{token[:40]!r} is not a JWT")
    return header, claims


def forgeries(token: str, name: str) -> list[tuple[str, str]]:
    """What it is → a token that nobody with the right key has signed, made from one that somebody
    has. `name` is what a key is called that nobody trusts. Raises NoToken."""
    header, claims = read(token)
    front, body, signature = token.split(".")
    other = Signer(stranger(name))
    public = private_key(stranger(name)).public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    embedded = {"kty": "OKP", "crv": "Ed25519", "x": _text(raw)}
    later = _packed({**claims, "exp": int(claims.get("exp", 0)) + 60})
    flipped = bytearray(unpadded(signature))
    flipped[0] ^= 1
    symmetric = f"{_packed({**header, 'alg': 'HS256'})}.{body}"
    mac = hmac.digest(b"secret", symmetric.encode(), "sha256")
    return [
        ("that is no JWT", "forged"),
        ("without its signature", f"{front}.{body}."),
        ("of alg none", f"{_packed({**header, 'alg': 'none'})}.{body}."),
        ("of alg NoNe", f"{_packed({**header, 'alg': 'NoNe'})}.{body}."),
        ("with a bit of its signature flipped", f"{front}.{body}.{_text(bytes(flipped))}"),
        ("with a claim changed after it was signed", f"{front}.{later}.{signature}"),
        ("by another key of the same name", other.token(claims, **header | {"alg": "EdDSA"})),
        ("by a key that it brings along", other.token(claims, jwk=embedded)),
        ("by HS256 with a guessed secret", f"{symmetric}.{_text(mac)}"),
    ]


def _packed(value: Mapping[str, Any]) -> str:
    return _text(msgspec.json.encode(value))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
