"""The audit chain: one seal for each batch of rows, each linked to the one before (QLT-05).

    leaf  = SHA-256(0x00 ‖ row)             a row as it was written: its table and every column
    node  = SHA-256(0x01 ‖ left ‖ right)    the Merkle tree of RFC 6962 §2.1 over a batch's leaves
    chain = SHA-256(0x02 ‖ link)            the chain before, the root, the seal's number, the
                                            highest positions, and which leaf is whose

A row and a link are MessagePack arrays in their shortest form, so that every field has its type and
length: no two rows have the same bytes. Pure functions: nothing here reads or writes a store.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from simulator.base.rng import frame
from simulator.store.rows import Row, Seal, Value

START = bytes(32)
"""What the first seal links to."""

Leaf = tuple[str, int, bytes]
"""A row's table, its position, and the hash of what it held."""

_sha256 = hashlib.sha256
_encoder = msgspec.msgpack.Encoder()
_pack, _pack_into = _encoder.encode, _encoder.encode_into
_leaves = msgspec.msgpack.Decoder(list[Leaf])
_positions = msgspec.msgpack.Decoder(dict[str, int])


def leaf_of(row: Row) -> bytes:
    """The hash of a row, every column of it."""
    return _sha256(b"\0" + _pack((row.TABLE, row))).digest()


def leaf_of_values(table: str, values: Sequence[Value]) -> bytes:
    """The same from columns as a database holds them, in the order of the row's fields."""
    return _sha256(b"\0" + _pack((table, values))).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of a batch (RFC 6962 §2.1): an odd one out moves up as it is."""
    if not leaves:
        return _sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [_sha256(b"\1" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def chain_of(previous: bytes, seal: Seal) -> bytes:
    """What a seal's `chain` has to be, after the one before: it binds every other column."""
    link = frame((previous, seal.root, seal.n, seal.positions, seal.leaves))
    return _sha256(b"\2" + link).digest()


def seal_of(previous: Seal | None, positions: Mapping[str, int], rows: Iterable[Row]) -> Seal:
    """The seal of a batch: the rows it wrote, and the highest position of each table after it."""
    leaves: list[Leaf] = []
    held = bytearray(b"\0")
    for row in rows:  # the same as `leaf_of`, in one buffer: it is on every operation's way
        _pack_into((row.TABLE, row), held, 1)
        leaves.append((row.TABLE, row.n, _sha256(held).digest()))
    return seal_of_leaves(previous, positions, leaves)


def seal_of_leaves(
    previous: Seal | None, positions: Mapping[str, int], leaves: Sequence[Leaf]
) -> Seal:
    """The same where the rows were hashed before."""
    seal = Seal(
        n=1 if previous is None else previous.n + 1,
        positions=_pack(positions),
        leaves=_pack(leaves),
        root=root_of([leaf for _, _, leaf in leaves]),
        chain=b"",
    )
    return seal.but(chain=chain_of(START if previous is None else previous.chain, seal))


def leaves_in(seal: Seal) -> list[Leaf]:
    """The leaves of a batch. Raises msgspec.DecodeError where they are none."""
    return _leaves.decode(seal.leaves)


def positions_in(seal: Seal) -> dict[str, Any]:
    """The highest position of each table. Raises msgspec.DecodeError where it is none."""
    return _positions.decode(seal.positions)
