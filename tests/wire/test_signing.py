"""Signatures: the published vectors, by two implementations, and every byte counts (WAL-70)."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire import signing
from simulator.wire.files import find

GUIDE = Path(__file__).parents[2] / "docs" / "signing.md"


@dataclass(frozen=True)
class Vector:
    """A row of a table of the guide."""

    algorithm: str
    what: str
    key: str
    signed: bytes
    signature: str

    @property
    def parts(self) -> tuple[str, str, str, str, bytes]:
        """Timestamp, nonce, method, target and body, cut apart at the first four line feeds."""
        *head, body = self.signed.split(b"\n", 4)
        timestamp, nonce, method, target = (part.decode() for part in head)
        return timestamp, nonce, method, target, body


def _vectors() -> Iterator[Vector]:
    _, _, tables = GUIDE.read_text(encoding="utf-8").partition("\n## Test vectors\n")
    algorithm = ""
    for line in tables.partition("\n## ")[0].splitlines():
        if line.startswith("### "):
            algorithm = line.removeprefix("### ")
        row = re.fullmatch(r"\| (.+?) \| `(.+?)` \| `(.+)` \| `([0-9a-f]+)` \|", line)
        if row:
            signed = row[3].replace("\\n", "\n").encode()
            yield Vector(algorithm, row[1], row[2], signed, row[4])


VECTORS = list(_vectors())
BY_NAME = {f"{vector.algorithm}: {vector.what}": vector for vector in VECTORS}


@pytest.fixture(params=sorted(BY_NAME))
def vector(request: pytest.FixtureRequest) -> Vector:
    return BY_NAME[request.param]


@pytest.mark.parametrize("algorithm", signing.ALGORITHMS)
def test_the_guide_covers_what_can_go_wrong(algorithm: str) -> None:
    """Each algorithm has vectors for no body, a body, a query under a sandbox, and UTF-8."""
    vectors = [vector.parts for vector in VECTORS if vector.algorithm == algorithm]
    assert len(vectors) >= 4
    assert any(method == "GET" and not body for _, _, method, _, body in vectors)
    assert any(method == "POST" and body for _, _, method, _, body in vectors)
    assert any(target.startswith("/s/") and "?" in target for _, _, _, target, _ in vectors)
    assert any(not body.isascii() for _, _, _, _, body in vectors)
    assert any(timestamp.isdigit() for timestamp, _, _, _, _ in vectors)


def test_every_row_of_the_guide_is_read() -> None:
    """No row escapes the tests below because its form is a little different."""
    _, _, tables = GUIDE.read_text(encoding="utf-8").partition("\n## Test vectors\n")
    lines = tables.partition("\n## ")[0].splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    heads = [line for line in rows if line.startswith(("| what |", "| --- |"))]
    assert len(rows) - len(heads) == len(VECTORS) == len(BY_NAME)
    assert {vector.algorithm for vector in VECTORS} == set(signing.ALGORITHMS)


def test_a_vector_holds_without_our_code(vector: Vector) -> None:
    """Standard libraries alone compute each published signature (PRV-10, RGS-07)."""
    if vector.algorithm == "hmac-sha256":
        expected = hmac.new(vector.key.encode(), vector.signed, hashlib.sha256).hexdigest()
        assert vector.signature == expected
    else:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector.key))
        key.public_key().verify(bytes.fromhex(vector.signature), vector.signed)
        assert key.sign(vector.signed).hex() == vector.signature


def test_a_vector_holds_with_our_code(vector: Vector) -> None:
    """What the server checks is what the guide publishes, from the parts to the signature."""
    signed = signing.string_to_sign(*vector.parts)
    assert signed == vector.signed
    if vector.algorithm == signing.HMAC_SHA256:
        assert signing.sign_hmac(vector.key.encode(), signed) == vector.signature
        assert signing.verify_hmac(vector.key.encode(), signed, vector.signature)
    else:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector.key))
        assert signing.sign_ed25519(key, signed) == vector.signature
        assert signing.verify_ed25519(key.public_key(), signed, vector.signature)


def test_the_demo_key_is_made_as_the_guide_says() -> None:
    """The seed of a test client's Ed25519 key is SHA-256 of its signing key, and the keys that the
    guide prints are these."""
    seed = hashlib.sha256(b"studio-demo-key").digest()
    key = signing.demo_ed25519_key("studio-demo-key")
    assert key.private_bytes_raw() == seed
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    row = f"| `studio-demo` | `studio-demo-key` | `{seed.hex()}` | `{public.hex()}` |"
    assert row in GUIDE.read_text(encoding="utf-8")
    assert {v.key for v in VECTORS if v.algorithm == "ed25519"} == {seed.hex()}


def test_the_contract_states_the_same_string() -> None:
    """The OpenAPI file, the guide and the code name the same parts in the same order."""
    line = "X-Timestamp LF X-Nonce LF METHOD LF request-target LF raw-body"
    assert line in find("openapi", "platform.yaml").read_text()
    assert line in GUIDE.read_text(encoding="utf-8")
    assert line.replace("raw-body", "raw body") in (signing.__doc__ or "")


KEY = b"studio-demo-key"
ED25519_KEY = signing.demo_ed25519_key("studio-demo-key")
SIGNED = VECTORS[1].signed


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_one_flipped_byte_of_the_request_fails(at: int, flip: int) -> None:
    """Any change of any one byte of what is signed makes both signatures wrong (WAL-70)."""
    altered = bytearray(SIGNED)
    altered[at] ^= flip
    assert not signing.verify_hmac(KEY, bytes(altered), signing.sign_hmac(KEY, SIGNED))
    signature = signing.sign_ed25519(ED25519_KEY, SIGNED)
    assert not signing.verify_ed25519(ED25519_KEY.public_key(), bytes(altered), signature)


@given(st.data(), st.integers(1, 127))
def test_one_flipped_byte_of_the_signature_fails(data: st.DataObject, flip: int) -> None:
    """Any change of any one digit fails, a capital for a small letter too (WAL-70)."""
    mac = bytearray(signing.sign_hmac(KEY, SIGNED).encode())
    mac[data.draw(st.integers(0, len(mac) - 1), "digit of the HMAC")] ^= flip
    assert not signing.verify_hmac(KEY, SIGNED, mac.decode())
    signature = bytearray(signing.sign_ed25519(ED25519_KEY, SIGNED).encode())
    signature[data.draw(st.integers(0, len(signature) - 1), "digit of the signature")] ^= flip
    assert not signing.verify_ed25519(ED25519_KEY.public_key(), SIGNED, signature.decode())


@given(st.integers(0, len(SIGNED)), st.binary(min_size=1, max_size=5))
def test_added_and_missing_bytes_fail(at: int, more: bytes) -> None:
    """Longer and shorter requests are other requests (WAL-70)."""
    mac = signing.sign_hmac(KEY, SIGNED)
    signature = signing.sign_ed25519(ED25519_KEY, SIGNED)
    for altered in (SIGNED[:at] + more + SIGNED[at:], SIGNED[:at] + SIGNED[at + 1 :]):
        if altered != SIGNED:
            assert not signing.verify_hmac(KEY, altered, mac)
            assert not signing.verify_ed25519(ED25519_KEY.public_key(), altered, signature)


@given(st.text(max_size=140))
def test_garbage_is_no_signature(garbage: str) -> None:
    """Texts that are not a signature are answered with no, never with an exception (WAL-77)."""
    assert not signing.verify_hmac(KEY, SIGNED, garbage)
    assert not signing.verify_ed25519(ED25519_KEY.public_key(), SIGNED, garbage)


@pytest.mark.parametrize("spoil", [str.upper, " ".join, lambda text: text + " ", lambda _: ""])
def test_a_signature_has_one_spelling(spoil: object) -> None:
    """Capitals, spaces and nothing are not the published form, under either algorithm (WAL-70)."""
    assert callable(spoil)
    assert not signing.verify_hmac(KEY, SIGNED, spoil(signing.sign_hmac(KEY, SIGNED)))
    signature = signing.sign_ed25519(ED25519_KEY, SIGNED)
    assert not signing.verify_ed25519(ED25519_KEY.public_key(), SIGNED, spoil(signature))


@given(st.text(min_size=1).filter(lambda key: key != "studio-demo-key"))
def test_another_key_signs_otherwise(other: str) -> None:
    """A signature fits one key only (WAL-70)."""
    try:
        key = other.encode()
    except UnicodeEncodeError:  # a lone surrogate, which no key is
        return
    assert not signing.verify_hmac(key, SIGNED, signing.sign_hmac(KEY, SIGNED))
    stranger = signing.demo_ed25519_key(other)
    signature = signing.sign_ed25519(ED25519_KEY, SIGNED)
    assert not signing.verify_ed25519(stranger.public_key(), SIGNED, signature)


def test_an_hmac_signature_is_no_ed25519_signature() -> None:
    """One algorithm's signature never passes for the other's."""
    mac = signing.sign_hmac(KEY, SIGNED)
    assert not signing.verify_ed25519(ED25519_KEY.public_key(), SIGNED, mac)
    assert not signing.verify_hmac(KEY, SIGNED, signing.sign_ed25519(ED25519_KEY, SIGNED))


def test_the_independent_check_can_fail() -> None:
    """Negative control: the library that proves the vectors refuses an altered one."""
    vector = next(v for v in VECTORS if v.algorithm == "ed25519")
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector.key)).public_key()
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(vector.signature), vector.signed + b" ")
