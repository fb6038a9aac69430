"""Request signatures: what is signed, and by which algorithms (PRV-10, WAL-70).

    X-Timestamp LF X-Nonce LF METHOD LF request-target LF raw body

LF is one 0x0A byte; the request target is path and query exactly as sent; the body is its raw
bytes. `docs/signing.md` holds test vectors for both algorithms.
"""

import hashlib
import hmac
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

HMAC_SHA256 = "hmac-sha256"
ED25519 = "ed25519"
ALGORITHMS = (HMAC_SHA256, ED25519)


def string_to_sign(timestamp: str, nonce: str, method: str, target: str, body: bytes) -> bytes:
    """The exact bytes that are signed."""
    return f"{timestamp}\n{nonce}\n{method}\n{target}\n".encode() + body


def sign_hmac(key: bytes, signed: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) as 64 lower-case hex digits."""
    return hmac.digest(key, signed, "sha256").hex()


def verify_hmac(key: bytes, signed: bytes, signature: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(sign_hmac(key, signed).encode(), signature.encode())


@lru_cache(maxsize=1_000)
def demo_ed25519_key(signing_key: str) -> Ed25519PrivateKey:
    """The Ed25519 key of a test client: its 32-byte seed is SHA-256 of the HMAC signing key.

    Anyone can compute it; that is the point of published test credentials, and of nothing else.
    """
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(signing_key.encode()).digest())


def sign_ed25519(key: Ed25519PrivateKey, signed: bytes) -> str:
    """Ed25519 (RFC 8032) as 128 lower-case hex digits."""
    return key.sign(signed).hex()


def verify_ed25519(key: Ed25519PublicKey, signed: bytes, signature: str) -> bool:
    """True if this key signed these bytes; False for anything else, garbage included."""
    try:
        raw = bytes.fromhex(signature)
        key.verify(raw, signed)
    except (InvalidSignature, ValueError):
        return False
    return raw.hex() == signature  # `fromhex` reads capitals and spaces too
