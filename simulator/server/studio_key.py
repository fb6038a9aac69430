"""The studio's own Ed25519 key, with which it signs its transactions (RGS-42)."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.base.rng import Rng


class StudioKey:
    """A key drawn from the world's first seed: the same world, the same signatures."""

    def __init__(self, rng: Rng) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(rng.draw("studio-key"))

    def sign(self, text: bytes) -> str:
        """An Ed25519 signature (RFC 8032), 128 hex digits."""
        return self._key.sign(text).hex()

    def jwk(self) -> dict[str, Any]:
        """The public key (RFC 8037)."""
        raw = self._key.public_key().public_bytes_raw()
        x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        return {"kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig", "alg": "EdDSA"}
