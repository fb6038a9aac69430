"""The dice of the studio against published vectors, and their own laws (RGS-10..12)."""

import hmac
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from simulator.rgs import drbg
from simulator.rgs.drbg import HmacDice, HmacDrbg, ReseedRequired, SpinDice, fingerprint

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "maths" / "hmac_drbg_sha256.json").read_bytes()
)
"""NIST CAVP, DRBGVS, HMAC_DRBG.rsp, [SHA-256], no prediction resistance: 1 024 bits each."""


def answer(vector: dict[str, Any]) -> str:
    known = {key: bytes.fromhex(vector[key] or "") for key in ("entropy", "nonce", "reseed")}
    generator = HmacDrbg(known["entropy"], known["nonce"], bytes.fromhex(vector["personalization"]))
    if known["reseed"]:
        generator.reseed(known["reseed"], bytes.fromhex(vector["additional_reseed"]))
    first, second = (bytes.fromhex(text) for text in vector["additional"])
    generator.generate(128, first)
    return generator.generate(128, second).hex()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_answers_the_published_vectors(vector: dict[str, Any]) -> None:
    """HMAC_DRBG answers what NIST's validation suite says, in every way of use (RGS-12)."""
    assert answer(vector) == vector["returned"]


def test_the_vectors_are_many_and_cover_each_way_of_use() -> None:
    """The data is what the tests above think it is: no way of use is left without a vector."""
    ways = Counter(vector["name"].rpartition(",")[0] for vector in VECTORS)
    assert ways == {
        "no_reseed": 15,
        "no_reseed, additional input": 15,
        "no_reseed, personalization": 3,
        "pr_false": 3,
        "pr_false, additional input": 2,
    }


def test_agrees_with_an_independent_construction() -> None:
    """The standard's steps, written a second time over Python's own `hmac`, give the same bytes."""
    key, value = bytes(32), b"\x01" * 32

    def update(data: bytes) -> None:
        nonlocal key, value
        for mark in (b"\x00", b"\x01") if data else (b"\x00",):
            key = hmac.digest(key, value + mark + data, "sha256")
            value = hmac.digest(key, value, "sha256")

    entropy, nonce = b"entropy!" * 4, b"nonce"
    generator = HmacDrbg(entropy, nonce, b"for this")
    update(entropy + nonce + b"for this")
    for size in (1, 32, 33, 200):
        expected = b""
        while len(expected) < size:
            value = hmac.digest(key, value, "sha256")
            expected += value
        update(b"")
        assert generator.generate(size) == expected[:size]


@pytest.mark.parametrize("part", ["entropy", "nonce", "personalization", "reseed"])
def test_a_vector_fails_when_one_bit_differs(part: str) -> None:
    """Negative control: each input matters, so the vectors can fail."""
    vector = dict(next(v for v in VECTORS if v[part]))
    raw = bytearray.fromhex(vector[part])
    raw[-1] ^= 1
    assert answer(vector | {part: raw.hex()}) != vector["returned"]


def test_limits_of_the_standard_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little entropy, too long a request or too many of them are refused (SP 800-90A)."""
    with pytest.raises(ValueError, match="31 bytes"):
        HmacDrbg(bytes(31), bytes(16))
    monkeypatch.setattr(drbg, "RESEED_INTERVAL", 2)
    generator = HmacDrbg(bytes(32), bytes(16))
    with pytest.raises(ValueError, match="65537 bytes"):
        generator.generate(drbg.MAX_REQUEST + 1)
    with pytest.raises(ValueError, match="8 bytes"):
        generator.reseed(bytes(8))
    generator.generate(1)
    generator.generate(1)
    with pytest.raises(ReseedRequired):
        generator.generate(1)
    generator.reseed(bytes(32))
    assert len(generator.generate(33)) == 33


def draws(dice: HmacDice) -> list[int]:
    return [dice.below(bound) for bound in (6, 52, 10**30, 1, 257) * 9]


def test_a_spin_has_the_same_dice_every_time() -> None:
    """Seed, session, round and spin give the draws; nothing before them does (RGS-12)."""
    first, again = (SpinDice(42, "s-1", "r-1", "spin-1") for _ in range(2))
    assert draws(first) == draws(again)
    assert first.draws == 45


def test_a_recorded_nonce_and_the_seed_are_enough() -> None:
    """A spin is played again from seed and nonce (RGS-11)."""
    first = SpinDice(7, "s", "r", "spin")
    kept = first.record("1.0.0+engine.1")
    assert draws(SpinDice.again(7, kept.nonce)) == draws(first)
    assert kept.mechanics_version == "1.0.0+engine.1"
    assert kept.seed_fingerprint == fingerprint(7) != fingerprint(8)
    assert kept.seed_fingerprint.rpartition(":")[2] != "7"
    with pytest.raises(ValueError, match="32 bytes"):
        SpinDice.again(7, "abcd")


def test_every_part_of_the_name_matters() -> None:
    """No two spins share their dice, also where their ids join to the same text (RGS-12)."""
    names = [("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""), ("a", "b", "d"), ("b", "a", "c")]
    kinds: list[int | bytes] = [1, 2, b"1", (1).to_bytes(8, "big")]
    seen = {tuple(draws(SpinDice(seed, *name))) for seed in kinds for name in names}
    assert len(seen) == len(kinds) * len(names)


def test_known_draws_of_one_spin() -> None:
    """The way from seed to draws is frozen: another machine and release gives these (RGS-12)."""
    dice = SpinDice(42, "s-1", "r-1", "spin-1")
    assert dice.nonce == "e7cad72e9d236127831e8b6cd3ed93d0d6423be6e1f9365845b93e00a78d6874"
    assert [dice.below(bound) for bound in (6, 52, 1000, 10**9, 2**64)] == [
        4,
        25,
        886,
        516103889,
        4453751912403119824,
    ]


@pytest.mark.parametrize("bound", [0, -1])
def test_a_bound_below_one_is_refused(bound: int) -> None:
    """There is no number in an empty range."""
    with pytest.raises(ValueError, match="below 1"):
        SpinDice(1, "s", "r", "x").below(bound)


def test_the_mask_and_rejection_are_unbiased() -> None:
    """Over all bytes that could come, each number below the bound comes equally often (RGS-10)."""

    class Bytes(HmacDrbg):
        def __init__(self, first: int) -> None:
            super().__init__(bytes(32), bytes(16))
            self.rest = bytes([first]) + bytes(63)

        def generate(self, size: int, additional: bytes = b"") -> bytes:
            return self.rest

    for bound in (3, 5, 6, 100, 255, 256):
        bits = (bound - 1).bit_length()
        kept = [n for n in range(256) if n >> (8 - bits) < bound]
        seen = Counter(HmacDice(Bytes(first)).below(bound) for first in kept)
        assert set(seen) == set(range(bound))
        assert set(seen.values()) == {len(kept) // bound}
