"""The audit chain as a file: one JSON object a line, to be read and verified anywhere (QLT-05).

    {"table": "op", "n": 12, "client": "studio-demo", …, "answer": {…}, "event": {…}}
    {"table": "move", "n": 31, "op": 12, "kind": "hold", …}
    {"table": "seal", "n": 5, "positions": {…}, "leaves": [["op", 12, "9f86…"], …], …}

A seal follows the operations and entries that it seals. Answers and events stand there as they
were given, byte for byte, so that a line can be hashed again: copy lines, do not write them anew.
Rows of other tables stay in the store; their leaves are in the seals.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from simulator.ledger.audit import Anchor, Broken, Chain, bad_seal, seals
from simulator.ledger.rows import Move
from simulator.store import statements
from simulator.store.reading import Books
from simulator.store.rows import Op, Row, Seal, Value
from simulator.store.seal import Leaf, leaf_of_values, leaves_in, positions_in
from simulator.wire.control import Audit, AuditHead, BadRow

EXPORTED: dict[str, type[Row]] = {kind.TABLE: kind for kind in (Op, Move)}

_IN_HEX = frozenset({"fingerprint"})
_AS_JSON = frozenset({"answer", "event"})
_HEX = "$hex"
"""`{"$hex": "…"}` stands for bytes that are no JSON text of one line."""

_encode = msgspec.json.Encoder().encode
_line = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any = msgspec.json.Decoder()


def export(books: Books) -> Iterator[bytes]:
    """Every line, without its end. Raises Broken where a seal cannot be read."""
    for seal in seals(books):
        try:
            leaves, positions = leaves_in(seal), positions_in(seal)
        except msgspec.DecodeError as wrong:
            raise Broken(f"seal {seal.n} cannot be read: {wrong}") from None
        for table, kind in EXPORTED.items():
            places = sorted({n for name, n, _ in leaves if name == table})
            for row in _rows(books, kind, places):
                columns = zip(statements.columns(kind), row, strict=True)
                yield _encode({"table": table} | {name: _shown(name, v) for name, v in columns})
        yield _encode(
            {
                "table": Seal.TABLE,
                "n": seal.n,
                "positions": positions,
                "leaves": [(table, n, leaf.hex()) for table, n, leaf in leaves],
                "root": seal.root.hex(),
                "chain": seal.chain.hex(),
            }
        )


def verify_export(
    lines: Iterable[bytes], tables: Sequence[str], anchor: Anchor | None = None
) -> Audit:
    """Check an exported chain, and every operation and entry in it, without the store."""
    chain = Chain(tables, anchor)
    waiting: dict[tuple[str, int], bytes] = {}
    rows = 0
    bad: BadRow | None = None
    for number, line in enumerate(lines, 1):
        found = _read(line)
        if isinstance(found, Seal):
            bad = _match(chain, found, waiting)
        elif found is None or found[:2] in waiting:
            bad = BadRow("line", number, "", "is no line of an export, or stands there twice")
        else:
            waiting[found[:2]] = found[2]
            rows += 1
        if bad is not None:
            break
    bad = bad or _unsealed(waiting) or chain.end()
    head = AuditHead(chain.head.seal, chain.head.chain.hex())
    return Audit(bad is None, head, {"seals": chain.head.seal, "rows": rows}, bad)


def _match(chain: Chain, seal: Seal, waiting: dict[tuple[str, int], bytes]) -> BadRow | None:
    """Follow a seal, and find the rows it seals among those that stand before it."""
    expected = chain.head.seal + 1
    try:
        leaves: list[Leaf] = chain.follow(seal)
    except Broken as wrong:
        return bad_seal(min(expected, seal.n), str(wrong))
    for table, n, leaf in leaves:
        if table in EXPORTED:
            row = waiting.pop((table, n), None)
            if row != leaf:
                what = "is missing" if row is None else "is not what was written"
                return BadRow(table, n, "", what, seal.n)
    return _unsealed(waiting)


def _unsealed(waiting: dict[tuple[str, int], bytes]) -> BadRow | None:
    return next((BadRow(table, n, "", "was never sealed") for table, n in waiting), None)


def _rows(books: Books, kind: type[Row], places: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """The rows at these places, in their order."""
    if not places:
        return
    wanted = frozenset(places)
    text = (
        f"SELECT {', '.join(statements.columns(kind))} FROM {kind.TABLE} "  # noqa: S608
        "WHERE n >= $1 AND n <= $2 ORDER BY n"
    )
    for row in books.rows(text, (places[0], places[-1])):
        if row[0] in wanted:
            yield row


def _shown(name: str, value: Value) -> Any:
    if not isinstance(value, bytes):
        return value
    if name in _AS_JSON and _is_one_line(value):
        return msgspec.Raw(value)
    return {_HEX: value.hex()} if name in _AS_JSON else value.hex()


def _is_one_line(value: bytes) -> bool:
    """True for an object or a list in one line: it can stand in a line as it is."""
    if value[:1] not in {b"{", b"["} or b"\n" in value or value.startswith(b'{"' + _HEX.encode()):
        return False
    try:
        _any.decode(value)
    except msgspec.DecodeError:
        return False
    return True


def _read(line: bytes) -> Seal | Leaf | None:
    """A seal, the leaf of a row, or None for what is neither."""
    try:
        found = _line.decode(line)
        table = _any.decode(found.pop("table"))
        if table == Seal.TABLE:
            return _seal(found)
        names = statements.columns(EXPORTED[table])
        values = [_held(name, found.pop(name)) for name in names]
        leaf = table, int(values[0]), leaf_of_values(table, values)
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError):
        return None
    return None if found else leaf


def _held(name: str, raw: msgspec.Raw) -> Any:
    """A column as the store holds it."""
    text = bytes(raw)
    if text.startswith(b'{"' + _HEX.encode()):
        return bytes.fromhex(_any.decode(text)[_HEX])
    if name in _AS_JSON and text != b"null":
        return text
    value = _any.decode(text)
    return bytes.fromhex(value) if name in _IN_HEX and value is not None else value


def _seal(line: dict[str, msgspec.Raw]) -> Seal:
    """A seal as the store holds it."""
    held = {name: _any.decode(raw) for name, raw in line.items()}
    leaves = [(table, n, bytes.fromhex(leaf)) for table, n, leaf in held["leaves"]]
    return Seal(
        n=held["n"],
        positions=msgspec.msgpack.encode(held["positions"]),
        leaves=msgspec.msgpack.encode(leaves),
        root=bytes.fromhex(held["root"]),
        chain=bytes.fromhex(held["chain"]),
    )
