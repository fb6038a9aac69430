"""The schema in PostgreSQL's words has the tables, columns and laws of the one in SQLite's."""

import re
from collections import Counter
from typing import Any

import asyncpg
import pytest

from simulator.kept import read_schemas
from simulator.parties import PARTIES, WALLET
from simulator.server.kind import PartyKind
from simulator.store import statements
from simulator.store.pg_schema import SCHEMA, translate, whole
from simulator.store.pg_statements import Types
from simulator.store.postgres import BY_NAME, Postgres
from simulator.store.rows import Op, Row, Seal
from simulator.store.sqlite import Database
from simulator.wallet.operations import ROWS
from tests.store.tools import SCHEMAS

OWN = {"unsealed", "place"}
"""Tables that only several writers need."""

Laws = dict[str, Any]


def of_sqlite(kind: PartyKind) -> dict[str, Laws]:
    """Table → its columns, keys, references and number of checks."""
    database = Database(None, read_schemas(kind), kind.rows)
    found: dict[str, Laws] = {}
    tables = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    for table, text in database.rows(tables):
        columns, unique = {}, set()
        for _, name, type_, required, _, primary in database.rows(f"PRAGMA table_info({table})"):
            columns[name] = (
                {"INTEGER": "bigint", "BLOB": "bytea", "TEXT": "text"}[type_],
                bool(required or primary),
            )
            unique |= {(name,)} if primary else set()
        for _, index, is_unique, _, _ in database.rows(f"PRAGMA index_list({table})"):
            if is_unique:
                rows = database.rows(f"PRAGMA index_info({index})")
                unique.add(tuple(row[2] for row in rows))
        keys = database.rows(f"PRAGMA foreign_key_list({table})")
        found[table] = {
            "columns": columns,
            "unique": unique,
            "references": {(row[3], row[2]) for row in keys},
            "checks": len(re.findall(r"\bCHECK\b", text)),
        }
    database.close()
    return found


async def of_postgres(connection: Any) -> dict[str, Laws]:
    """The same, from the other catalogue."""
    found: dict[str, Laws] = {}
    for table, column, kind, nullable in await connection.fetch(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "JOIN information_schema.tables USING (table_schema, table_name) "
        "WHERE table_schema = 'playmoney' AND table_type = 'BASE TABLE'"
    ):
        empty = {"columns": {}, "unique": set(), "references": set(), "checks": 0}
        found.setdefault(table, empty)["columns"][column] = kind, nullable == "NO"
    for table, names in await connection.fetch(
        "SELECT i.indrelid::regclass::text, array_agg(a.attname::text ORDER BY k.at) "
        "FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(n, at), pg_attribute a "
        "WHERE i.indisunique AND a.attrelid = i.indrelid AND a.attnum = k.n "
        "AND i.indrelid::regclass::text = ANY($1) GROUP BY i.indexrelid, i.indrelid",
        list(found),
    ):
        found[table]["unique"].add(tuple(names))
    for table, kind, column, other in await connection.fetch(
        "SELECT conrelid::regclass::text, contype::text, a.attname::text, "
        "confrelid::regclass::text FROM pg_constraint c LEFT JOIN pg_attribute a "
        "ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "WHERE contype IN ('c', 'f') AND conrelid::regclass::text = ANY($1)",
        list(found),
    ):
        if kind == "c":
            found[table]["checks"] += 1
        else:
            found[table]["references"].add((column, other))
    return found


async def opened(url: str, kind: PartyKind = WALLET) -> Any:
    """A connection to a database in which a party's tables are."""
    await Postgres(url, read_schemas(kind), kind.rows).open()
    return await asyncpg.connect(url, server_settings={**BY_NAME, "search_path": SCHEMA})


@pytest.mark.parametrize("kind", PARTIES, ids=lambda kind: kind.name)
async def test_both_databases_keep_the_same_laws(postgres: str, kind: PartyKind) -> None:
    """Of each party: every table, column, type, required column, unique key, reference and as many
    checks as in SQLite; nothing more but what sealing needs (WAL-11, PRV-33)."""
    connection = await opened(postgres, kind)
    lite, full = of_sqlite(kind), await of_postgres(connection)
    await connection.close()
    assert set(full) - set(lite) == OWN
    for table, laws in lite.items():
        assert full[table] == laws, table


@pytest.mark.parametrize("kind", PARTIES, ids=lambda kind: kind.name)
async def test_both_databases_have_the_same_triggers(postgres: str, kind: PartyKind) -> None:
    """What is never changed or deleted on SQLite is not on PostgreSQL, and TRUNCATE is no way
    around it (PRV-33)."""
    connection = await opened(postgres, kind)
    found = await connection.fetch("SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal")
    await connection.close()
    have = {row[0] for row in found}
    database = Database(None, read_schemas(kind), kind.rows)
    names = {n for (n,) in database.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'")}
    database.close()
    at_all = {f"{name}_at_all" for name in names if name.endswith("_is_never_deleted")}
    own = {"place_is_never_changed", "place_is_never_deleted"}
    assert have == names | at_all | own


REFUSED = {
    "an operation rewritten": "UPDATE op SET status = 200",
    "an operation deleted": "DELETE FROM op",
    "all operations": "TRUNCATE op CASCADE",
    "a player below zero": "UPDATE account SET posted_debits = 2 WHERE kind = 'player'",
    "a negative sum": "UPDATE account SET pending_debits = -1",
    "an amount as text": "UPDATE account SET posted_debits = 'two'",
    "an unknown kind": "UPDATE account SET kind = 'mine'",
    "an account deleted": "DELETE FROM account",
    "an entry to itself": "INSERT INTO move VALUES (9, 1, 'post', 1, 1, 5, NULL)",
    "a capture of nothing": "INSERT INTO move VALUES (9, 1, 'capture', 1, 2, 5, NULL)",
    "an entry of no account": "INSERT INTO move VALUES (9, 1, 'post', 1, 99, 5, NULL)",
    "two of a name": "INSERT INTO account SELECT k, 9, tenant, kind, owner, currency, 0, 0, 0, 0 "
    "FROM account WHERE n = 1",
    "a key of another length": "UPDATE account SET k = '\\x00'",
    "a place given anew": "UPDATE place SET n = n + 1",
}


async def test_the_schema_refuses(postgres: str) -> None:
    """Laws that hold whatever the code above does (WAL-11, PRV-03, PRV-33)."""
    connection = await opened(postgres)
    await connection.execute(
        "INSERT INTO op VALUES (NULL, 1, 'c', 'o', NULL, NULL, 200, '', 0, 't', 'b', 'r', 'tr', "
        "NULL, NULL, NULL, NULL);"
        "INSERT INTO account SELECT decode(repeat('0' || i, 16), 'hex'), i, 't', "
        "CASE i WHEN 1 THEN 'player' ELSE 'house' END, 'o', 'EUR', 0, 0, 0, 0 "
        "FROM generate_series(1, 2) i;"
        "INSERT INTO move VALUES (1, 1, 'post', 2, 1, 0, NULL);"
        "INSERT INTO place VALUES (1, 1)"
    )
    taken = []
    for name, statement in REFUSED.items():
        try:
            await connection.execute(statement)
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError):
            continue
        taken.append(name)
    assert taken == []
    await connection.execute("UPDATE account SET posted_credits = 1 WHERE n = 1")  # the control
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE op;",
        "CREATE TABLE t (n INTEGER PRIMARY KEY) WITHOUT ROWID;",
        "CREATE TRIGGER t AFTER UPDATE ON op BEGIN DELETE FROM task; END;",
    ],
)
def test_what_cannot_be_translated_is_refused(statement: str) -> None:
    """A statement of an unknown form stops the start: no law is lost silently."""
    with pytest.raises(ValueError, match="no statement that is known"):
        translate(statement)


def test_nothing_is_left_out() -> None:
    """Every CREATE of the schemas comes out again, in the order in which it went in."""
    created = re.compile(r"^CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER|VIEW) (\w+)", re.MULTILINE)
    before = Counter(created.findall("\n".join(SCHEMAS)))
    after = Counter(created.findall(whole(SCHEMAS, statements.columns(Op))))
    assert before <= after


async def test_every_kind_finds_its_columns(postgres: str) -> None:
    """The catalogue has a type for every field of every row."""
    database = Postgres(postgres, SCHEMAS, ROWS)
    await database.open()
    types: Types = database.types
    kinds: list[type[Row]] = [*ROWS, Seal]
    for kind in kinds:
        assert set(statements.columns(kind)) <= set(types[kind.TABLE])
