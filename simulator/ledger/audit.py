"""The audit: is every row what the chain says was written, and is the chain whole? (QLT-05)

First the seals are followed from the first one; each must link to the one before and be the root of
its own leaves. Then every row of every table is hashed as it is now and compared with its last
leaf: a row without a leaf was put there by hand, a leaf without a row was taken away. What this
cannot see by itself is a chain that was written anew from some point on, or cut off: that takes an
anchor, a head that was noted outside (docs/audit.md).
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from simulator.store import statements
from simulator.store.reading import Books
from simulator.store.rows import Row, Seal
from simulator.store.seal import START, Leaf, chain_of, leaf_of_values, leaves_in, root_of
from simulator.wire.control import Audit, AuditHead, BadRow

SEALS_AT_ONCE = 100
ROWS_AT_ONCE = 5_000
_LEAF = 32
_NEVER = bytes(_LEAF)
"""What stands for a position that no seal names: no row hashes to it."""

_FARTHEST = 10_000_000
"""How far ahead of its table's last row a leaf may be; what is beyond was never a position."""

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


class Anchor(NamedTuple):
    """A head of the chain, as it was noted somewhere else."""

    seal: int
    chain: bytes

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        """`N:HEX`. Raises ValueError."""
        number, _, digest = text.strip().partition(":")
        chain = bytes.fromhex(digest)
        if not (number.isascii() and number.isdigit() and len(chain) == _LEAF):
            raise ValueError(f"{text!r} is not N:HEX, as `playmoney audit head` prints it")
        return cls(int(number), chain)


class Broken(Exception):
    """A seal that is not the next one of its chain; the message says why."""


class Chain:
    """Follows seals, each from the one before, and an anchor where it is met."""

    def __init__(self, tables: Sequence[str], anchor: Anchor | None) -> None:
        self.head = Anchor(0, START)
        self._tables = frozenset(tables)
        self._anchor = anchor

    def follow(self, seal: Seal) -> list[Leaf]:
        """The leaves of the next seal. Raises Broken."""
        if seal.n != self.head.seal + 1:
            raise Broken("is missing" if seal.n > self.head.seal + 1 else "stands before the first")
        try:
            leaves = leaves_in(seal)
            if seal.chain != chain_of(self.head.chain, seal):
                raise Broken("does not link to the seal before it")
        except (msgspec.MsgspecError, TypeError) as wrong:
            raise Broken(f"is not a seal: {wrong}") from None
        if seal.root != root_of([leaf for _, _, leaf in leaves]):
            raise Broken("is not the root of its leaves")
        for table, n, leaf in leaves:
            if table not in self._tables or n < 1 or len(leaf) != _LEAF:
                raise Broken(f"seals {table} {n}, which is nothing this playmoney knows")
        self.head = Anchor(seal.n, seal.chain)
        if self._anchor is not None and self._anchor.seal == seal.n and self._anchor != self.head:
            raise Broken("is not the one that was anchored: the chain was written anew")
        return leaves

    def end(self) -> BadRow | None:
        """What is wrong with where the chain has ended, if something is."""
        if self._anchor is None or self._anchor.seal <= self.head.seal:
            return None
        cut = f"is missing: the chain was anchored at {self._anchor.seal}, and was cut off"
        return bad_seal(self.head.seal + 1, cut)


class _Known:
    """The last leaf of each row of one table, by position."""

    def __init__(self) -> None:
        self.last = 0
        self._leaves = bytearray()

    def learn(self, n: int, leaf: bytes) -> None:
        """This is what row `n` now is. Raises Broken."""
        if n > self.last:
            if n > self.last + _FARTHEST:
                raise Broken(f"names position {n}, and its table ends at {self.last}")
            self._leaves.extend(bytes(_LEAF * (n - self.last)))
            self.last = n
        self._leaves[_LEAF * (n - 1) : _LEAF * n] = leaf

    def leaf(self, n: int) -> bytes:
        """The leaf of a row, or `_NEVER`."""
        return bytes(self._leaves[_LEAF * (n - 1) : _LEAF * n]) if 0 < n <= self.last else _NEVER

    def first(self, start: int, end: int) -> int | None:
        """The first position from `start` that has a leaf, and is before `end`."""
        return next(
            (n for n in range(start, min(end, self.last + 1)) if self.leaf(n) != _NEVER), None
        )


def head(books: Books) -> AuditHead:
    """The newest seal, to be noted outside."""
    found = books.rows("SELECT n, chain FROM seal ORDER BY n DESC LIMIT 1")
    n, chain = found[0] if found else (0, START)
    return AuditHead(n, chain.hex())


def verify(books: Books, kinds: Sequence[type[Row]], anchor: Anchor | None = None) -> Audit:
    """Check the whole chain and every row against it."""
    known = {kind.TABLE: _Known() for kind in kinds}
    chain = Chain(tuple(known), anchor)
    bad = _follow_all(books, chain, known) or chain.end()
    rows = 0
    for kind in kinds if bad is None else ():
        count, bad = _check(books, kind, known[kind.TABLE])
        rows += count
        if bad is not None:
            bad = msgspec.structs.replace(bad, seal=_sealed_by(books, bad.table, bad.position))
            break
    last = AuditHead(chain.head.seal, chain.head.chain.hex())
    return Audit(bad is None, last, {"seals": chain.head.seal, "rows": rows}, bad)


def bad_seal(n: int, message: str) -> BadRow:
    """What is told of a seal."""
    return BadRow(Seal.TABLE, n, "", message, n)


def seals(books: Books, *, newest_first: bool = False) -> Iterator[Seal]:
    """Every seal, in order."""
    columns = ", ".join(statements.columns(Seal))
    beyond, order = ("<=", "DESC") if newest_first else (">=", "ASC")
    text = f"SELECT {columns} FROM seal WHERE n {beyond} $1 ORDER BY n {order} LIMIT $2"  # noqa: S608
    step = -1 if newest_first else 1
    start: int | None = _HIGHEST if newest_first else _LOWEST
    while start is not None:
        page = books.rows(text, (start, SEALS_AT_ONCE))
        for n, positions, leaves, root, chain in page:
            yield Seal(n=n, positions=positions, leaves=leaves, root=root, chain=chain)
        start = _next(page, step)


def _follow_all(books: Books, chain: Chain, known: dict[str, _Known]) -> BadRow | None:
    for seal in seals(books):
        try:
            for table, n, leaf in chain.follow(seal):
                known[table].learn(n, leaf)
        except Broken as wrong:
            missing = seal.n > chain.head.seal + 1
            return bad_seal(chain.head.seal + 1 if missing else seal.n, str(wrong))
    return None


def _check(books: Books, kind: type[Row], known: _Known) -> tuple[int, BadRow | None]:
    """How many rows were looked at, and the first bad one."""
    count, expected = 0, 1
    for n, values, key in _rows(books, kind):
        gone = known.first(expected, n)
        if gone is not None:
            return count, BadRow(kind.TABLE, gone, "", "is missing")
        what = _wrong(kind, n, values, key, known)
        if what is not None:
            return count, BadRow(kind.TABLE, n, _name(kind, values), what)
        count, expected = count + 1, max(expected, n + 1)
    gone = known.first(expected, known.last + 1)
    return count, None if gone is None else BadRow(kind.TABLE, gone, "", "is missing")


def _wrong(
    kind: type[Row], n: int, values: Sequence[Any] | None, key: bytes | None, known: _Known
) -> str | None:
    leaf = known.leaf(n)
    if leaf == _NEVER:
        return "was never sealed"
    if values is None or leaf_of_values(kind.TABLE, values) != leaf:
        return "is not what was written"
    if kind.NAMED_BY:
        identity = _identity(kind, values)
        if key != (None if None in identity else statements.key_bytes(identity)):
            return "is filed under another name"
    return None


def _rows(
    books: Books, kind: type[Row]
) -> Iterator[tuple[int, Sequence[Any] | None, bytes | None]]:
    """Position, columns and key of each row; no columns for one that cannot be read."""
    table, columns = kind.TABLE, statements.columns(kind)
    key = "k" if kind.NAMED_BY else "NULL"
    text = f"SELECT {', '.join(columns)}, {key} FROM {table} WHERE n >= $1 ORDER BY n LIMIT $2"  # noqa: S608
    bare = f"SELECT n FROM {table} WHERE n >= $1 ORDER BY n LIMIT $2"  # noqa: S608
    start: int | None = _LOWEST
    at_once = ROWS_AT_ONCE
    while start is not None:
        try:
            page = books.rows(text, (start, at_once))
        except UnicodeDecodeError:  # a text that is none: find the row that it stands in
            if at_once == 1:
                yield books.rows(bare, (start, 1))[0][0], None, None
                return
            at_once = 1
            continue
        for row in page:
            yield row[0], row[:-1], row[-1]
        start = _next(page, 1)


def _next(page: Sequence[Sequence[Any]], step: int) -> int | None:
    """Where the next page begins, None behind the last."""
    end = _HIGHEST if step > 0 else _LOWEST
    return None if not page or page[-1][0] == end else int(page[-1][0]) + step


def _identity(kind: type[Row], values: Sequence[Any]) -> tuple[Any, ...]:
    columns = statements.columns(kind)
    return tuple(values[columns.index(name)] for name in kind.NAMED_BY)


def _name(kind: type[Row], values: Sequence[Any] | None) -> str:
    if values is None:
        return ""
    return "/".join(str(part) for part in _identity(kind, values) if part is not None)


def _sealed_by(books: Books, table: str, position: int) -> int | None:
    """The seal that last said what this row is."""
    for seal in seals(books, newest_first=True):
        if any((name, n) == (table, position) for name, n, _ in leaves_in(seal)):
            return seal.n
    return None
