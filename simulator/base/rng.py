"""Every draw comes from one seed and says what it is for, never from the order of calls (SBX-02).

draw = HMAC-SHA256(seed, fields), each field length-prefixed, so ("a", "bc") is not ("ab", "c"): the
fields are framed as a MessagePack array in its shortest form (measured ten times as fast as joining
them here, and an id needs four of them).
A fixed seed is for tests only: who knows it knows every outcome.
"""

import hashlib
from collections.abc import Callable, Sequence
from fractions import Fraction

import msgspec

SEED_MAX = 2**63 - 1
"""Seeds are non-negative 64-bit integers, so that every store and JSON parser can carry them."""


frame: Callable[[Sequence[str | int | bytes]], bytes] = msgspec.msgpack.Encoder().encode
"""Join fields unambiguously: a MessagePack array, every field with its type and length."""

INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
"""For `bytes.translate`: a key of one block, padded for HMAC's inner or outer hash (RFC 2104)."""


class Rng:
    """Keyed draws from one seed. Stateless: the same fields give the same draw, in any order."""

    __slots__ = ("_inner", "_outer", "seed")

    def __init__(self, seed: int) -> None:
        if not 0 <= seed <= SEED_MAX:
            raise ValueError(f"seed {seed} is outside 0..{SEED_MAX}")
        self.seed = seed
        # HMAC (RFC 2104) with both padded keys hashed once: two copies and two updates a draw, in
        # less than half the time of `hmac`'s own objects. A test holds the two together.
        key = (b"playmoney" + seed.to_bytes(8, "big")).ljust(64, b"\0")
        self._inner = hashlib.sha256(key.translate(INNER_PAD))
        self._outer = hashlib.sha256(key.translate(OUTER_PAD))

    def draw(self, *fields: str | int | bytes) -> bytes:
        """32 bytes for these fields."""
        inner = self._inner.copy()
        inner.update(frame(fields))
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def below(self, bound: int, *fields: str | int | bytes) -> int:
        """An unbiased integer in [0, bound), by rejection: a draw that would bias is drawn anew."""
        if bound < 1:
            raise ValueError(f"bound {bound} is below 1")
        limit = (1 << 256) - (1 << 256) % bound
        attempt = 0
        while True:
            value = int.from_bytes(self.draw(*fields, attempt), "big")
            if value < limit:
                return value % bound
            attempt += 1

    def strikes(self, chance: Fraction, *fields: str | int | bytes) -> bool:
        """True with exactly this chance: draw × denominator < numerator × 2**256."""
        draw = int.from_bytes(self.draw(*fields), "big")
        return draw * chance.denominator < chance.numerator << 256
