"""Ids that sort by time, repeat under a seed and do not depend on the order of arrival (PRV-02).

An id is a UUIDv8 (RFC 9562 §5.8) as 32 hex digits behind a kind prefix, `h_0199…`: 48 bits of the
party's clock in milliseconds, then 74 bits of HMAC(seed, "id", run, kind, K, n), where K is the
stable key of the call that made it.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from simulator.base.rng import Rng, frame

_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""A digit whose upper two bits are the variant's 10, the lower two as drawn."""
_TOP_48 = (1 << 48) - 1


def uuid8_hex(now_ns: int, randomness: bytes) -> str:
    """32 hex digits: 48 bits of Unix milliseconds, version 8, 12 + 62 bits of the given bytes."""
    drawn = randomness.hex()
    return f"{_time_hex(now_ns // 1_000_000)}8{drawn[:3]}{_VARIANT[drawn[4]]}{drawn[5:20]}"


@lru_cache(maxsize=64)
def _time_hex(now_ms: int) -> str:
    """A batch of decisions mints many ids in the same millisecond."""
    return f"{now_ms & _TOP_48:012x}"


def mint(rng: Rng, now_ns: int, run: str, kind: str, stable_key: bytes, n: int = 0) -> str:
    """`kind_` + UUIDv8, the same for the same seed, run, call and n."""
    return f"{kind}_{uuid8_hex(now_ns, rng.draw('id', run, kind, stable_key, n))}"


def fresh_run(now_ns: int) -> str:
    """The id of a run whose ids no earlier run has sent: its milliseconds, in hex."""
    return f"{now_ns // 1_000_000:x}"


def digest16(*fields: str | int | bytes) -> bytes:
    """16 bytes that stand for a tuple of fields: BLAKE2b (RFC 7693) over their framed bytes."""
    return digest16_of(fields)


def digest16_of(fields: Sequence[str | int | bytes]) -> bytes:
    """The same, of a tuple that is there."""
    return hashlib.blake2b(frame(fields), digest_size=16).digest()
