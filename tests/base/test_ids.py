"""Ids: sortable by time, RFC 9562 in form, repeatable under a seed."""

import hashlib
import hmac
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.clock import FROZEN_START_NS, NS_PER_MS
from simulator.base.ids import digest16, mint, uuid8_hex
from simulator.base.rng import Rng

TIMES_NS = st.integers(0, (2**48 - 1) * NS_PER_MS)
DRAWS = st.binary(min_size=10, max_size=32)


@given(TIMES_NS, DRAWS)
def test_an_id_has_the_version_and_variant_of_rfc_9562(now_ns: int, draw: bytes) -> None:
    """Any time and draw give 32 hex digits of version 8, in the RFC's variant (RFC 9562 §5.8)."""
    text = uuid8_hex(now_ns, draw)
    read = uuid.UUID(hex=text)
    assert text == read.hex
    assert read.version == 8
    assert read.variant == uuid.RFC_4122


@given(TIMES_NS, DRAWS)
def test_an_id_starts_with_its_millisecond(now_ns: int, draw: bytes) -> None:
    """Its first 48 bits are the Unix time in milliseconds (PRV-02)."""
    assert int(uuid8_hex(now_ns, draw)[:12], 16) == now_ns // NS_PER_MS


@given(TIMES_NS, DRAWS)
def test_an_id_carries_74_bits_of_its_draw(now_ns: int, draw: bytes) -> None:
    """The 12 bits after the version and the 62 after the variant are the draw's own bits."""
    number = int(uuid8_hex(now_ns, draw), 16)
    bits = f"{int.from_bytes(draw[:10], 'big'):080b}"
    assert f"{number >> 64 & 0xFFF:012b}" == bits[:12]
    assert f"{number & 2**62 - 1:062b}" == bits[-62:]


@given(TIMES_NS, TIMES_NS, DRAWS, DRAWS)
def test_ids_sort_by_time(first_ns: int, second_ns: int, draw: bytes, other: bytes) -> None:
    """Ids of different milliseconds sort as text as their times do, whatever was drawn (PRV-02)."""
    if first_ns // NS_PER_MS < second_ns // NS_PER_MS:
        assert uuid8_hex(first_ns, draw) < uuid8_hex(second_ns, other)
    elif first_ns // NS_PER_MS > second_ns // NS_PER_MS:
        assert uuid8_hex(first_ns, draw) > uuid8_hex(second_ns, other)


def test_a_minted_id_is_a_known_answer() -> None:
    """Computed with nothing but hmac and the RFC's layout: a change of any ingredient shows."""
    # MessagePack: an array of five: three texts, five bytes, a zero.
    framed = b"\x95" + b"\xa2id" + b"\xa5run-1" + b"\xa1h" + b"\xc4\x05key-1" + b"\x00"
    draw = hmac.new(b"playmoney" + (42).to_bytes(8, "big"), framed, hashlib.sha256).digest()
    bits = f"{int.from_bytes(draw[:10], 'big'):080b}"
    layout = f"{FROZEN_START_NS // NS_PER_MS:048b}" + "1000" + bits[:12] + "10" + bits[-62:]
    expected = f"h_{int(layout, 2):032x}"
    assert mint(Rng(42), FROZEN_START_NS, "run-1", "h", b"key-1") == expected


@given(st.integers(0, 2**63 - 1), TIMES_NS, st.text(), st.binary(), st.integers(0, 99))
def test_the_same_call_mints_the_same_id(
    seed: int, now_ns: int, run: str, key: bytes, n: int
) -> None:
    """Seed, time, run, kind, key and n decide, and not how often it was asked (SBX-02)."""
    rng = Rng(seed)
    first = mint(rng, now_ns, run, "h", key, n)
    mint(rng, now_ns, run, "h", key + b"x", n)
    assert mint(rng, now_ns, run, "h", key, n) == first == mint(Rng(seed), now_ns, run, "h", key, n)


@pytest.mark.parametrize(
    ("seed", "run", "kind", "key", "n"),
    [
        (8, "r", "h", b"k", 0),
        (7, "q", "h", b"k", 0),
        (7, "r", "st", b"k", 0),
        (7, "r", "h", b"K", 0),
        (7, "r", "h", b"k", 1),
        (7, "rh", "", b"k", 0),  # the fields do not run into each other
        (7, "r", "hk", b"", 0),
        (7, "r", "h", b"k0", 0),
    ],
)
def test_any_other_ingredient_gives_another_id(
    seed: int, run: str, kind: str, key: bytes, n: int
) -> None:
    """Another seed, run, kind, key or n changes the random bits, not only the prefix (PRV-02)."""
    base = mint(Rng(7), FROZEN_START_NS, "r", "h", b"k", 0)
    other = mint(Rng(seed), FROZEN_START_NS, run, kind, key, n)
    assert other.rpartition("_")[2] != base.rpartition("_")[2]


def test_ids_do_not_collide() -> None:
    """A hundred thousand ids of one millisecond are all different."""
    rng = Rng(1)
    minted = {mint(rng, FROZEN_START_NS, "", "h", b"%d" % key, 0) for key in range(100_000)}
    assert len(minted) == 100_000


def test_an_id_can_stand_in_the_contract() -> None:
    """The prefix and 32 hex digits keep the contract's pattern of an Id."""
    prefix, _, digits = mint(Rng(1), FROZEN_START_NS, "", "st", b"k").partition("_")
    assert prefix == "st"
    assert len(digits) == 32
    assert set(digits) <= set("0123456789abcdef")


def test_a_digest_is_blake2b_of_the_framed_fields() -> None:
    """16 bytes of BLAKE2b over the fields as a MessagePack array, framed by hand (RFC 7693)."""
    framed = b"\x93" + b"\xa1a" + b"\xc4\x02bc" + b"\x07"
    assert digest16("a", b"bc", 7) == hashlib.blake2b(framed, digest_size=16).digest()
    assert digest16("ab", b"c", 7) != digest16("a", b"bc", 7)
