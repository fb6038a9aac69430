"""The dice of the studio: HMAC_DRBG of NIST SP 800-90A rev. 1 (§10.1.2) with SHA-256 (RGS-10..12).

One generator is made for each spin, from the world's seed and the spin's nonce, so an outcome does
not depend on which spins came before it, and seed and nonce are all that a replay needs:

    entropy input    SHA-256("playmoney seed" ‖ seed)            32 bytes
    nonce            SHA-256(frame(session, round, spin))        32 bytes, kept with the spin
    personalization  "playmoney spin 1"

**A fixed seed is for testing only.** The construction is a standard's; what the standard asks for
is missing on purpose: entropy. Who knows the seed knows every outcome. Prediction resistance is
not offered, as there is no source of fresh entropy here.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from simulator.base.rng import INNER_PAD, OUTER_PAD, SEED_MAX, frame

_OUT = 32
"""Bytes of one HMAC-SHA256."""

RESEED_INTERVAL = 1 << 48
"""Requests between two seeds (SP 800-90A, table 2)."""

MAX_REQUEST = 1 << 16
"""Bytes of one request: 2**19 bits (SP 800-90A, table 2)."""

MIN_ENTROPY = 32
"""Bytes of entropy input for a security strength of 256 bits."""

PERSONALIZATION = b"playmoney spin 1"
"""Names this use of the generator; the number changes if the way from bytes to draws changes."""


class ReseedRequired(RuntimeError):
    """The generator has answered `RESEED_INTERVAL` requests; it has to be reseeded first."""


class _Hmac:
    """HMAC-SHA256 (RFC 2104) under one key of one block at most, in a third of the time of
    `hmac.digest`: a spin takes six, two or more under one key. The vectors and a test against
    `hmac` hold it.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = block.translate(INNER_PAD)
        self._outer = block.translate(OUTER_PAD)

    def of(self, message: bytes) -> bytes:
        """The code of a message."""
        return sha256(self._outer + sha256(self._inner + message).digest()).digest()


_NO_KEY = _Hmac(bytes(_OUT))
"""What every generator starts with (§10.1.2.3)."""


class HmacDrbg:
    """HMAC_DRBG with SHA-256, without prediction resistance.

    The update that ends a request is made before the next one: most spins have one, and a quarter
    of their time went into what nobody drew from.

    Raises ValueError for an entropy input of less than 256 bits.
    """

    __slots__ = ("_key", "_owed", "_requests", "_value")

    def __init__(self, entropy: bytes, nonce: bytes, personalization: bytes = b"") -> None:
        _require_entropy(entropy)
        self._key = _NO_KEY
        self._value = b"\x01" * _OUT
        self._owed: bytes | None = None
        self._requests = 1
        self._update(entropy + nonce + personalization)

    def reseed(self, entropy: bytes, additional: bytes = b"") -> None:
        """Mix in fresh entropy and start counting requests anew (§10.1.2.4)."""
        _require_entropy(entropy)
        self._end_request()
        self._update(entropy + additional)
        self._requests = 1

    def generate(self, size: int, additional: bytes = b"") -> bytes:
        """The next `size` bytes (§10.1.2.5).

        Raises ReseedRequired after `RESEED_INTERVAL` requests and ValueError beyond `MAX_REQUEST`.
        """
        if not 0 <= size <= MAX_REQUEST:
            raise ValueError(f"a request of {size} bytes is outside 0..{MAX_REQUEST}")
        if self._requests > RESEED_INTERVAL:
            raise ReseedRequired(f"{RESEED_INTERVAL} requests since the last seed")
        self._end_request()
        if additional:
            self._update(additional)
        blocks = []
        for _ in range(-(-size // _OUT)):
            self._value = self._key.of(self._value)
            blocks.append(self._value)
        self._owed = additional
        self._requests += 1
        return b"".join(blocks)[:size]

    def _end_request(self) -> None:
        if self._owed is not None:
            self._update(self._owed)
            self._owed = None

    def _update(self, provided: bytes) -> None:
        key = _Hmac(self._key.of(self._value + b"\x00" + provided))
        value = key.of(self._value)
        if provided:
            key = _Hmac(key.of(value + b"\x01" + provided))
            value = key.of(value)
        self._key, self._value = key, value


class HmacDice:
    """Unbiased whole numbers from one generator: the least bits, and drawn anew if too high.

    `draws` counts the numbers handed out, not the bytes behind them.
    """

    __slots__ = ("_buffer", "_drbg", "_used", "draws")

    _CHUNK = 64
    """Bytes of one request: a whole spin of most games."""

    def __init__(self, drbg: HmacDrbg) -> None:
        self._drbg = drbg
        self._buffer = b""
        self._used = 0
        self.draws = 0

    def below(self, bound: int) -> int:
        """A whole number in [0, bound), each as likely as any other, by rejection."""
        if bound < 1:
            raise ValueError(f"bound {bound} is below 1")
        self.draws += 1
        bits = (bound - 1).bit_length()
        size = (bits + 7) // 8
        while True:
            start = self._used
            end = self._used = start + size
            if end > len(self._buffer):
                start, end = self._refill(start, size)
            value = int.from_bytes(self._buffer[start:end], "big") >> (size * 8 - bits)
            if value < bound:
                return value

    def _refill(self, start: int, size: int) -> tuple[int, int]:
        """Have so many bytes from `start` on; where they begin and end now."""
        self._buffer = self._buffer[start:]
        while len(self._buffer) < size:
            self._buffer += self._drbg.generate(self._CHUNK)
        self._used = size
        return 0, size


@dataclass(frozen=True, slots=True)
class SpinRecord:
    """What is kept of a spin so that it can be played again: all but the seed (RGS-11)."""

    seed_fingerprint: str
    nonce: str
    mechanics_version: str


class SpinDice(HmacDice):
    """The dice of one spin: the same seed, session, round and spin give the same draws (RGS-12)."""

    __slots__ = ("nonce", "seed_fingerprint")

    def __init__(self, seed: int | bytes, session_id: str, round_id: str, spin_id: str) -> None:
        self._start(seed, nonce_of(session_id, round_id, spin_id))

    @classmethod
    def again(cls, seed: int | bytes, nonce: str) -> "SpinDice":
        """The dice of a spin by its seed and recorded nonce. Raises ValueError for another text."""
        raw = bytes.fromhex(nonce)
        if len(raw) != _OUT:
            raise ValueError(f"nonce {nonce[:80]!r} is not {_OUT} bytes in hex")
        dice = cls.__new__(cls)
        dice._start(seed, raw)
        return dice

    def _start(self, seed: int | bytes, nonce: bytes) -> None:
        super().__init__(HmacDrbg(_entropy(seed), nonce, PERSONALIZATION))
        self.nonce = nonce.hex()
        self.seed_fingerprint = fingerprint(seed)

    def record(self, mechanics_version: str) -> SpinRecord:
        """What to keep with the spin."""
        return SpinRecord(self.seed_fingerprint, self.nonce, mechanics_version)


def nonce_of(session_id: str, round_id: str, spin_id: str) -> bytes:
    """The 32 bytes that tell one spin from all others; no two triples share their framing."""
    return sha256(frame((session_id, round_id, spin_id))).digest()


@lru_cache(maxsize=64)
def fingerprint(seed: int | bytes) -> str:
    """Names a seed in a record, so that a replay with another one is noticed. It hides nothing from
    those who can try all the seeds that it might be.
    """
    return "sha256:" + sha256(b"playmoney seed fingerprint" + _bytes(seed)).hexdigest()


@lru_cache(maxsize=64)
def _entropy(seed: int | bytes) -> bytes:
    return sha256(b"playmoney seed" + _bytes(seed)).digest()


def _bytes(seed: int | bytes) -> bytes:
    if isinstance(seed, bytes):
        return b"\x01" + seed  # so that no text of bytes is also a number
    if not 0 <= seed <= SEED_MAX:
        raise ValueError(f"seed {seed} is outside 0..{SEED_MAX}")
    return b"\x00" + seed.to_bytes(8, "big")


def _require_entropy(entropy: bytes) -> None:
    if len(entropy) < MIN_ENTROPY:
        raise ValueError(f"entropy of {len(entropy)} bytes is below {MIN_ENTROPY}")
