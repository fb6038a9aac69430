"""The store's statements: what they name exists, and both databases number the parameters alike."""

import inspect
import re
from itertools import product
from typing import Any, Literal, get_args, get_origin, get_type_hints

import apsw
import pytest

from simulator.kept import read_schemas
from simulator.parties import PARTIES
from simulator.store import statements
from simulator.store.rows import Row, Seal
from simulator.store.sqlite import Database
from simulator.store.tx import Query
from simulator.wallet.operations import ROWS

HOMES = {kind: party for party in reversed(PARTIES) for kind in (*party.rows, Seal)}
"""Every kind of row, and a party whose store has it."""

KINDS = pytest.mark.parametrize("kind", HOMES, ids=lambda kind: kind.TABLE)
TYPES = {int: "INTEGER", str: "TEXT", bytes: "BLOB"}


def _open(kind: type[Row]) -> Database:
    """The store of the party that has this kind, in memory."""
    home = HOMES[kind]
    return Database(None, read_schemas(home), home.rows)


def _columns(kind: type[Row]) -> dict[str, tuple[str, bool]]:
    """Column → its type and whether it refuses NULL, as the schema has it."""
    database = _open(kind)
    found = database.rows(f"PRAGMA table_info({kind.TABLE})")
    database.close()
    return {name: (type_, bool(not_null)) for _, name, type_, not_null, _, _ in found}


@KINDS
def test_the_fields_of_a_row_are_the_columns_of_its_table(kind: type[Row]) -> None:
    """None missing, none left over: `k`, the digest of the key, is the one column without field."""
    fields = set(kind.__struct_fields__) | ({"k"} if kind.NAMED_BY else set())
    assert set(_columns(kind)) == fields


@KINDS
def test_a_field_has_the_type_of_its_column(kind: type[Row]) -> None:
    """int, str and bytes are INTEGER, TEXT and BLOB, and only what may be None may be NULL."""
    columns = _columns(kind)
    for name, hint in get_type_hints(kind).items():
        if name not in kind.__struct_fields__ or name == "n":
            continue
        types = {_plain(part) for part in (get_args(hint) or (hint,))}
        optional = type(None) in types
        (plain,) = types - {type(None)}
        assert columns[name] == (TYPES[plain], not optional), name


def _plain(hint: Any) -> type:
    """A word of a Literal is a text."""
    if get_origin(hint) is Literal:
        hint = get_args(hint)[0]
    return hint if isinstance(hint, type) else type(hint)


@KINDS
def test_what_names_a_row_never_changes(kind: type[Row]) -> None:
    """The changing columns are columns of the row, and none of those that make its key."""
    assert set(kind.CHANGES) <= set(kind.__struct_fields__) - {"n", *kind.NAMED_BY}
    assert set(kind.NAMED_BY) <= set(kind.__struct_fields__)


def test_every_kind_is_in_the_list() -> None:
    """A row that its party's store does not know could not be written; one table, one kind. Seals
    are the store's own."""
    for party in PARTIES:
        assert len({kind.TABLE for kind in party.rows}) == len(party.rows)
    assert set(_rows_below(Row)) == set(HOMES)


def _rows_below(kind: type[Row]) -> list[type[Row]]:
    found = []
    for child in kind.__subclasses__():
        if child.__module__.startswith("simulator."):
            found += [child, *_rows_below(child)]
    return found


# Parameters --------------------------------------------------------------------------------------


def _statements(kind: type[Row]) -> list[str]:
    """Every text that the store makes for a kind."""
    texts = [statements.select_by_position(kind), statements.last_position(kind)]
    texts += [statements.last_positions((kind, Seal)), statements.insert(kind)]
    if kind.NAMED_BY:
        texts.append(statements.select_by_key(kind))
    if kind.CHANGES:
        texts.append(statements.update(kind))
    where = tuple((name, "=", "x") for name in kind.__struct_fields__[:3])
    for terms, after, newest in product(range(4), (None, 7), (True, False)):
        texts.append(statements.page(Query(kind, where[:terms], newest), after, 10)[0])
    return texts


def test_every_statement_is_looked_at() -> None:
    """A new statement of the module has to be added to `_statements`."""
    made = {name for name, _ in inspect.getmembers(statements, callable)}
    ours = {name for name in made if getattr(statements, name).__module__ == statements.__name__}
    known = {"select_by_position", "last_position", "insert", "select_by_key", "update", "page"}
    assert ours == known | {"last_positions", "columns", "key_bytes"}


@KINDS
def test_parameters_are_numbered_in_order_of_first_appearance(kind: type[Row]) -> None:
    """`$1`, `$2`, … as they come: PostgreSQL goes by the number, SQLite by the order."""
    for text in _statements(kind):
        numbers = [int(number) for number in re.findall(r"\$(\d+)", text)]
        first = list(dict.fromkeys(numbers))
        assert first == list(range(1, len(first) + 1)), text


def test_sqlite_goes_by_the_order() -> None:
    """Why the law above matters: numbers that do not come in order would be taken for others."""
    connection = apsw.Connection(":memory:")
    assert connection.execute("SELECT $2, $1", ("one", "two")).fetchall() == [("one", "two")]
    connection.close()


@KINDS
def test_every_statement_is_one_that_the_schema_takes(kind: type[Row]) -> None:
    """Prepared against the real tables: each table, column and operator exists."""
    database = _open(kind)
    for text in _statements(kind):
        values = (None,) * len(set(re.findall(r"\$\d+", text)))
        database.writer.execute("EXPLAIN " + text, values)
    database.close()


def test_a_page_takes_its_values_in_the_order_of_its_text() -> None:
    """Filters, then the position, then the limit."""
    query = Query(ROWS[0], (("brand", "=", "b"), ("at_ns", ">=", 5)), newest_first=True)
    text, values = statements.page(query, 9, 10)
    assert text.endswith(
        "FROM op WHERE brand = $1 AND at_ns >= $2 AND n < $3 ORDER BY n DESC LIMIT $4"
    )
    assert values == ("b", 5, 9, 10)


def test_keys_that_differ_have_digests_that_differ() -> None:
    """Parts are framed: ("a", "bc") is not ("ab", "c"), and no part can pass for two."""
    keys = [("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), ("", "abc"), ("a\x00", "bc")]
    digests = {statements.key_bytes(key) for key in keys}
    assert len(digests) == len(keys)
    assert {len(digest) for digest in digests} == {16}
