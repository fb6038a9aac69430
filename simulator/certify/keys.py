"""The private key by which a game server trusts players' tokens: a JWK (RFC 7517, RFC 8037)."""

import base64
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.base.blocks import Block


class NoKey(ValueError):
    """What stands there is no private key."""


class PlayerKey(Block, frozen=True, kw_only=True):
    """It signs by EdDSA or ES256."""

    kty: Literal["OKP", "EC"]
    crv: Literal["Ed25519", "P-256"]
    d: str
    x: str = ""
    y: str = ""
    kid: str = ""
    alg: str = ""
    use: str = ""


def private_key(key: PlayerKey) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    """The key of a JWK. Raises NoKey."""
    try:
        raw = unpadded(key.d)
        if (key.kty, key.crv) == ("OKP", "Ed25519"):
            return Ed25519PrivateKey.from_private_bytes(raw)
        if (key.kty, key.crv) == ("EC", "P-256") and len(raw) == 32:
            return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    except ValueError:
        pass
    raise NoKey(
        f"is no private {key.crv} key; it is a JWK, kty OKP with crv Ed25519 or kty EC with crv "
        "P-256, and d has 32 bytes in base64url"
    )


def unpadded(text: str) -> bytes:
    """Base64url without its padding, as JOSE has it. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
